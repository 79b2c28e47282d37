import { BerthError } from '../../shared/errors.ts';
import type { AdminRoute } from './admin-request.ts';

export interface AdminMatch {
  readonly route: AdminRoute;
  readonly params: Readonly<Record<string, string>>;
}

/**
 * Finds the route of a path below /berth/v1, still encoded: an encoded slash belongs to its part, and parts may be longer than
 * fastify's own router takes. Throws `validation` for malformed percent-encoding.
 */
export function matchRoute(
  routes: readonly AdminRoute[],
  method: string,
  path: string,
): AdminMatch | undefined {
  const parts = path.split('/');
  for (const route of routes) {
    const wanted = route.path.split('/');
    if (route.method !== method || wanted.length !== parts.length) continue;
    if (!wanted.every((name, index) => (name.startsWith(':') ? parts[index] !== '' : name === parts[index])))
      continue;
    const params = wanted.flatMap((name, index) =>
      name.startsWith(':') ? [[name.slice(1), decode(parts[index] ?? '')] as const] : [],
    );
    return { route, params: Object.fromEntries(params) };
  }
  return undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    throw new BerthError('validation', 'The path of the request is not valid percent-encoding.', {
      cause: error,
      reason: 'CannotParse',
    });
  }
}
