import { hkdfSync } from 'node:crypto';
import { AuditLog } from '../auth/audit/audit-log.ts';
import { createSqlAuditStore } from '../auth/audit/sql-audit-store.ts';
import { createAuthorizer } from '../auth/authorize.ts';
import { createSees } from '../auth/sees.ts';
import type { Config } from '../config/config.ts';
import type { Events } from '../observability/events.ts';
import { SessionBindings } from '../sessions/session-bindings.ts';
import { createSqlSessionBindingStore } from '../sessions/sql-session-binding-store.ts';
import type { Clock } from '../shared/clock.ts';
import type { OpenDatabase } from '../storage/database.ts';
import type { ServerIdentity } from '../storage/server-identity.ts';
import { every } from './every.ts';
import type { openRuntimes } from './open-runtimes.ts';

export interface AccessParts {
  readonly config: Config;
  readonly database: OpenDatabase;
  readonly identity: Pick<ServerIdentity, 'signingSecret'>;
  readonly runtimes: Pick<ReturnType<typeof openRuntimes>, 'facts' | 'targets'>;
  readonly events: Events;
  readonly clock: Clock;
}

/** Who may do what, and the log of it. Disposing writes what of the log still waits. */
export function openAccess({ config, database, identity, runtimes, events, clock }: AccessParts) {
  const { facts, targets } = runtimes;
  const key = Buffer.from(hkdfSync('sha256', identity.signingSecret, '', 'berth audit log', 32));
  const auditStore = createSqlAuditStore({ database, key });
  const audit = new AuditLog({ store: auditStore, limits: config.audit, events, clock });
  const trimming = every(clock, 3_600_000, () => audit.trim());
  return {
    audit,
    auditStore,
    authorize: createAuthorizer({ facts, audit, clock }),
    sees: createSees(facts),
    bindings: new SessionBindings({
      store: createSqlSessionBindingStore(database),
      optionsOf: targets.findOptions.bind(targets),
      clock,
    }),
    async [Symbol.asyncDispose]() {
      await trimming[Symbol.asyncDispose]();
      await audit[Symbol.asyncDispose]();
    },
  };
}

export type Access = ReturnType<typeof openAccess>;
