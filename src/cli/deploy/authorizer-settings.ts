import type { RuntimeDetails } from '../client/runtimes-api.ts';
import { usageError } from '../cli-error.ts';

/** What the command line says about who may call; empty lists and undefined were not said. */
export interface SaidAuthorizer {
  readonly discoveryUrl: string | undefined;
  readonly clients: readonly string[];
  readonly audiences: readonly string[];
  readonly scopes: readonly string[];
}

/** The member authorizerConfiguration, with what was not said as it was `before`; undefined when nothing was said. */
export function authorizerSettings(
  { discoveryUrl, clients, audiences, scopes }: SaidAuthorizer,
  before: RuntimeDetails | undefined,
): object | undefined {
  const said = {
    ...(discoveryUrl !== undefined && { discoveryUrl }),
    ...(clients.length > 0 && { allowedClients: clients }),
    ...(audiences.length > 0 && { allowedAudience: audiences }),
    ...(scopes.length > 0 && { allowedScopes: scopes }),
  };
  if (Object.keys(said).length === 0) return undefined;
  const known = before?.authorizerConfiguration?.customJWTAuthorizer;
  if (discoveryUrl === undefined && known === undefined) {
    throw usageError(
      'Nothing says whose tokens callers bring.',
      'Give --jwt-discovery-url, as in: --jwt-discovery-url development --jwt-client web',
    );
  }
  return { customJWTAuthorizer: { ...known, ...said } };
}
