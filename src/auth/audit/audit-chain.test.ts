import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { openDatabase } from '../../storage/database.ts';
import { runSql } from '../testing/sql-run.ts';
import { chainStart, hashEntry, type NewAuditEntry } from './audit-entry.ts';
import { createSqlAuditStore } from './sql-audit-store.ts';
import { auditKey, auditUnderTest, decision } from './testing/audit-under-test.ts';

/** Changes at 1, 3, 5, 7, reads of credentials at 2, 4, 6, 8. */
async function withEntries() {
  const opened = await auditUnderTest();
  for (let index = 0; index < 4; index += 1) {
    await opened.log.allowed(decision({ requestId: `r-${index}` }));
    await opened.log.read(decision({ requestId: `r-${index}` }));
  }
  return {
    ...opened,
    unlock: async () => {
      await runSql(opened.database, 'drop trigger audit_log_is_not_changed');
      await runSql(opened.database, 'drop trigger audit_log_is_cut_at_its_beginning');
    },
  };
}

const stop = (seq: number) => `delete from audit_log where seq = ${seq}`;

describe('the chains of the audit log', () => {
  it('are one for each kind, and whole', async () => {
    verifies('authz:audit-chain', 'authz:audit-kinds');
    await using opened = await withEntries();
    const { chains, ...verified } = await opened.store.verify();
    assert.deepEqual(verified, { entries: 8, brokenAtSeq: undefined });
    assert.deepEqual(
      chains.map(({ name, entries, firstSeq, lastSeq }) => ({ name, entries, firstSeq, lastSeq })),
      [
        { name: 'allow', entries: 4, firstSeq: 1, lastSeq: 7 },
        { name: 'read', entries: 4, firstSeq: 2, lastSeq: 8 },
      ],
    );
    for (const { lastHash } of chains) assert.match(lastHash, /^[0-9a-f]{64}$/);
  });

  it('let nobody change or take out an entry by accident', async () => {
    verifies('authz:audit-chain');
    await using opened = await withEntries();
    const { database, store } = opened;
    const update = database.updateTable('audit_log').set({ reason: 'none' }).where('seq', '=', 3);
    await assert.rejects(update.execute(), /the audit log is not changed/);
    for (const seq of [3, 4]) await assert.rejects(runSql(database, stop(seq)), /only the oldest/);
    await runSql(database, stop(2));
    assert.equal((await store.verify()).brokenAtSeq, undefined);
  });

  for (const [statements, brokenAtSeq] of [
    [["update audit_log set reason = 'none' where seq = 3"], 3],
    [["update audit_log set kind = 'odd' where seq = 1"], 1],
    [["update audit_log set kind = 'read', trail = 'read' where seq = 3"], 3],
    [["update audit_log set trail = 'mixed' where seq = 3"], 5],
    [["update audit_log set trail = 'other' where seq = 7"], 7],
    [[stop(3)], 5],
    [[stop(1), "update audit_log set reason = 'none' where seq = 3"], 3],
    [['update audit_log set seq = 9 where seq = 6'], 8],
    [
      [
        stop(3),
        'update audit_log set previous_hash = (select hash from audit_log where seq = 1) where seq = 5',
      ],
      5,
    ],
  ] as const satisfies readonly (readonly [readonly string[], number])[]) {
    it(`find ${statements.join(', and ')}`, async () => {
      verifies('authz:audit-chain');
      await using opened = await withEntries();
      await opened.unlock();
      for (const statement of statements) await runSql(opened.database, statement);
      assert.equal((await opened.store.verify()).brokenAtSeq, brokenAtSeq);
    });
  }

  it('take no entry of another log, and none that was made without the server’s key', async () => {
    verifies('authz:audit-chain');
    await using opened = await withEntries();
    await using other = await auditUnderTest();
    const { database, store } = opened;
    for (let times = 0; times < 3; times += 1) await other.log.allowed(decision({ reason: 'other' }));
    const stranger = createSqlAuditStore({ database, key: new Uint8Array(32) });
    const [last] = (await store.listAfter(7, {}, 1)).entries;
    await stranger.append([{ ...(last ?? assert.fail()), reason: 'forged' }]);
    assert.equal((await store.verify()).brokenAtSeq, 9);
    const row = await other.database
      .selectFrom('audit_log')
      .selectAll()
      .where('seq', '=', 3)
      .executeTakeFirstOrThrow();
    await opened.unlock();
    await runSql(database, stop(3));
    await database.insertInto('audit_log').values(row).execute();
    assert.equal((await store.verify()).brokenAtSeq, 3);
  });

  it('go on where another server left them', async () => {
    verifies('authz:audit-chain');
    await using one = await auditUnderTest();
    await using two = await auditUnderTest({ database: one.database });
    for (let index = 0; index < 10; index += 1) await (index % 2 === 0 ? one : two).log.allowed(decision());
    const { entries, brokenAtSeq } = await one.store.verify();
    assert.deepEqual([entries, brokenAtSeq], [10, undefined]);
  });

  it('keep what was written when all kinds had one chain', async () => {
    verifies('authz:audit-chain');
    const folder = await mkdtemp(join(tmpdir(), 'berth-audit-'));
    const path = join(folder, 'berth.db');
    const before = await openDatabase(path);
    for (const statement of [
      'drop index audit_log_by_trail',
      'drop trigger audit_log_is_cut_at_its_beginning',
      'alter table audit_log drop column trail',
      'alter table audit_log drop column previous_hash',
      "delete from kysely_migration where name = '0036-audit-trails'",
    ])
      await runSql(before, statement);
    let hash = chainStart;
    for (let seq = 1; seq <= 6; seq += 1) {
      const kind = seq % 2 === 0 ? 'deny' : 'allow';
      const entry = { ...old, kind, seq } as const;
      hash = hashEntry(auditKey, hash, entry);
      const { atMs, principal, action, resource, reason, repeats } = entry;
      await runSql(
        before,
        `insert into audit_log (seq, at, kind, principal, action, resource, reason, repeats, hash) values
          (${seq}, ${atMs}, '${kind}', '${principal}', '${action}', '${resource}', '${reason}', ${repeats}, '${hash}')`,
      );
    }
    await runSql(before, stop(1));
    await before.destroy();

    const database = await openDatabase(path);
    await using opened = await auditUnderTest({ database });
    await opened.log.allowed(decision());
    const { brokenAtSeq, chains } = await opened.store.verify();
    assert.equal(brokenAtSeq, undefined);
    assert.deepEqual(
      chains.map(({ name, firstSeq, lastSeq }) => [name, firstSeq, lastSeq]),
      [
        ['mixed', 3, 6],
        ['allow', 7, 7],
      ],
    );
    await opened.store.trim({ entries: 2, ageMs: undefined }, 0);
    assert.deepEqual(
      (await opened.all()).map(({ seq }) => seq),
      [5, 6, 7],
    );
    await database.destroy();
    await rm(folder, { recursive: true });
  });
});

const old: NewAuditEntry = {
  ...{ atMs: 1_700_000_000_000, kind: 'allow', principal: 'ann', accessKeyId: undefined },
  ...{ action: 'berth:CreateAccessKey', resource: '/keys', reason: 'role admin' },
  ...{ requestId: undefined, sourceIp: undefined, repeats: 0 },
};
