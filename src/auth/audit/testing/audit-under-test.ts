import { FakeClock } from '../../../../test/fakes/fake-clock.ts';
import type { AccountId } from '../../../shared/ids.ts';
import { type OpenDatabase, openDatabase } from '../../../storage/database.ts';
import type { KeyPrincipal } from '../../principal.ts';
import type { AuditedDecision } from '../audit.ts';
import { AuditLog, type AuditLogParts } from '../audit-log.ts';
import { createSqlAuditStore } from '../sql-audit-store.ts';

export const auditKey = new Uint8Array(32).fill(1);

export const ann: KeyPrincipal = {
  kind: 'access-key',
  accountId: '111122223333' as AccountId,
  region: 'us-east-1',
  accessKeyId: 'AKIAANN',
  keyName: 'ann',
  role: 'admin',
};

export function decision(changes: Partial<AuditedDecision> = {}): AuditedDecision {
  return {
    principal: ann,
    action: 'bedrock-agentcore:DeleteAgentRuntime',
    resource: 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/a-AbCdEf1234',
    reason: 'role admin',
    requestId: 'r-1',
    sourceIp: '192.0.2.1',
    ...changes,
  };
}

export interface AuditOptions extends Partial<Pick<AuditLogParts, 'limits'>> {
  readonly database?: OpenDatabase;
}

/** An audit log over a real database, whose disk can be said to be full. */
export async function auditUnderTest(options: AuditOptions = {}) {
  const database = options.database ?? (await openDatabase(':memory:'));
  const store = createSqlAuditStore({ database, key: auditKey });
  const clock = new FakeClock();
  const delayed: unknown[] = [];
  const lost: number[] = [];
  const disk = { isFull: false, appends: 0 };
  const log = new AuditLog({
    store: {
      ...store,
      append: async (entries) => {
        disk.appends += 1;
        if (disk.isFull) throw new Error('no space left');
        await store.append(entries);
      },
    },
    limits: options.limits ?? { entries: 10_000, ageMs: undefined },
    clock,
    events: {
      auditDelayed: (problem) => delayed.push(problem),
      auditLost: ({ refusals }) => lost.push(refusals),
    },
  });
  return {
    ...{ database, store, clock, delayed, lost, disk, log },
    all: async () => (await store.listAfter(0, {}, 100_000)).entries,
    async [Symbol.asyncDispose]() {
      await log[Symbol.asyncDispose]();
      if (options.database === undefined) await database.destroy();
    },
  };
}

/** Resolves when it is so: what nobody waits for is written soon. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 2_000; tries += 1) {
    if (await isSo()) return;
    await new Promise(setImmediate);
  }
  throw new Error('It never came to be.');
}
