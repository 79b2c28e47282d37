import { z } from 'zod';
import type { RegistryTokens } from '../../auth/registry-token.ts';
import { parseRegistryHost } from '../../images/pull/registry-host.ts';
import { BerthError } from '../../shared/errors.ts';
import { type AdminRoute, emptyAnswer, json, readJson } from './admin-request.ts';

export interface StoredCredential {
  /** As `parseRegistryHost` writes it. */
  readonly host: string;
  readonly username: string;
  readonly updatedAtMs: number;
}

/** The server's logins for other registries; passwords go in and never come out here. */
export interface RegistryCredentials {
  list(): Promise<readonly StoredCredential[]>;
  /** Makes or replaces the login for a host. */
  put(credential: {
    readonly host: string;
    readonly username: string;
    readonly password: string;
  }): Promise<void>;
  /** False when there was none. */
  remove(host: string): Promise<boolean>;
}

export interface RegistryRoutesParts {
  readonly registryTokens: Pick<RegistryTokens, 'issue'>;
  readonly registryCredentials: RegistryCredentials;
}

const credentialSchema = z.strictObject({
  username: z.string().min(1).max(1_000),
  password: z.string().min(1).max(20_000),
});

/** Passwords for Berth's own registry, and logins for others. */
export function registryRoutes({
  registryTokens,
  registryCredentials,
}: RegistryRoutesParts): readonly AdminRoute[] {
  return [
    {
      method: 'POST',
      path: '/registry/token',
      action: 'berth:IssueRegistryToken',
      answer: async ({ principal }) => json(registryTokens.issue(principal.accessKeyId)),
    },
    {
      method: 'GET',
      path: '/registry/credentials',
      action: 'berth:ListRegistryCredentials',
      async answer() {
        const stored = await registryCredentials.list();
        const credentials = stored.map(({ host, username, updatedAtMs }) => ({
          host,
          username,
          updatedAtMs,
        }));
        return json({ credentials });
      },
    },
    {
      method: 'PUT',
      path: '/registry/credentials/:host',
      action: 'berth:PutRegistryCredential',
      async answer({ params, body }) {
        await registryCredentials.put({
          host: parseRegistryHost(params['host'] ?? ''),
          ...readJson(credentialSchema, body),
        });
        return emptyAnswer;
      },
    },
    {
      method: 'DELETE',
      path: '/registry/credentials/:host',
      action: 'berth:DeleteRegistryCredential',
      async answer({ params }) {
        const host = parseRegistryHost(params['host'] ?? '');
        if (await registryCredentials.remove(host)) return emptyAnswer;
        throw new BerthError('not-found', `The server has no login for the registry ${host}.`);
      },
    },
  ];
}
