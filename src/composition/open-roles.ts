import { MetadataService } from '../api/metadata/metadata-service.ts';
import type { Audit } from '../auth/audit/audit.ts';
import type { RolePrincipal } from '../auth/principal.ts';
import { RoleAuthenticator } from '../auth/role/role-authenticator.ts';
import { RoleCallers } from '../auth/role/role-callers.ts';
import { workloadNameOf } from '../runtimes/runtime.ts';
import type { AddressedSession } from '../sessions/sessions-by-address.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import type { Callers } from './open-callers.ts';

export interface RolesParts {
  readonly callers: Pick<Callers, 'accessKeys' | 'signatures' | 'roleCredentials' | 'metadataTokens'>;
  readonly sessions: Pick<SessionRegistry, 'byAddress'>;
  readonly audit: Pick<Audit, 'denied'>;
  /** The host's address on the network of sandboxes. */
  readonly gateway: string;
}

/** What sandboxes are known by, and where their agents find credentials. */
export function openRoles({ callers, sessions, audit, gateway }: RolesParts) {
  const { roleCredentials: credentials, metadataTokens: tokens } = callers;
  const roleCallers = new RoleCallers({
    gateway,
    roleAt: (address) => {
      const found = sessions.byAddress.find(address);
      return found && roleOf(found);
    },
  });
  return {
    authenticator: new RoleAuthenticator({ ...callers, callers: roleCallers, credentials }),
    metadata: new MetadataService({ callers: roleCallers, credentials, tokens, audit }),
    roleOf: roleCallers.of.bind(roleCallers),
  };
}

function roleOf({ session, version, sandboxId }: AddressedSession): RolePrincipal {
  return {
    kind: 'role',
    accountId: session.accountId,
    region: session.region,
    roleArn: version.roleArn,
    workload: workloadNameOf(session.runtimeId),
    runtimeId: session.runtimeId,
    sessionId: session.id,
    incarnation: session.incarnation,
    sandboxId,
  };
}
