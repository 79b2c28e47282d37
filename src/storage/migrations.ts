import type { Migration } from 'kysely';
import { initial } from './migrations/0001-initial.ts';
import { pooledSandboxes } from './migrations/0003-pooled-sandboxes.ts';
import { sessionStorage } from './migrations/0020-session-storage.ts';
import { credentialProviders } from './migrations/0032-credential-providers.ts';
import { hibernation } from './migrations/0021-hibernation.ts';
import { vault } from './migrations/0030-vault.ts';
import { auditTrails } from './migrations/0036-audit-trails.ts';
import { authorisation } from './migrations/0035-authorisation.ts';
import { oauthFlows } from './migrations/0033-oauth-flows.ts';
import { sessionAliases } from './migrations/0002-session-aliases.ts';
import { workloadTokens } from './migrations/0031-workload-tokens.ts';

/** In order of their names; a name is never changed once released. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-initial': initial,
  '0002-session-aliases': sessionAliases,
  '0003-pooled-sandboxes': pooledSandboxes,
  '0020-session-storage': sessionStorage,
  '0021-hibernation': hibernation,
  '0030-vault': vault,
  '0031-workload-tokens': workloadTokens,
  '0032-credential-providers': credentialProviders,
  '0033-oauth-flows': oauthFlows,
  '0035-authorisation': authorisation,
  '0036-audit-trails': auditTrails,
};
