import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { verifies } from '../../../test/requirements.ts';
import type { AccountId } from '../../shared/ids.ts';
import { type OpenDatabase, openDatabase } from '../../storage/database.ts';
import type { Principal } from '../principal.ts';
import { runSql } from '../testing/sql-run.ts';
import type { AuditedDecision } from './audit.ts';
import { AuditLog } from './audit-log.ts';
import { createSqlAuditStore } from './sql-audit-store.ts';

const key = new Uint8Array(32).fill(1);
const ann: Principal = {
  kind: 'access-key',
  accountId: '111122223333' as AccountId,
  region: 'us-east-1',
  accessKeyId: 'AKIAANN',
  keyName: 'ann',
  role: 'admin',
};

function decision(changes: Partial<AuditedDecision> = {}): AuditedDecision {
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

async function start(context: TestContext, maxEntries = 10_000, database?: OpenDatabase) {
  const opened = database ?? (await openDatabase(':memory:'));
  const store = createSqlAuditStore({ database: opened, key });
  const clock = new FakeClock();
  const delayed: unknown[] = [];
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
    maxEntries,
    clock,
    events: { auditDelayed: (problem) => delayed.push(problem) },
  });
  context.after(() => log[Symbol.asyncDispose]());
  const all = () => store.listAfter(0, {}, 100_000);
  return { database: opened, store, clock, delayed, disk, log, all };
}

describe('the audit log', () => {
  it('has changes and reads on disk before they happen, with who, what, why and where from', async (context) => {
    verifies('authz:audit', 'authz:audit-durable');
    const { log, all, clock } = await start(context);
    await log.allowed(decision());
    const bearer: Principal = {
      ...{ kind: 'token', accountId: ann.accountId, region: ann.region },
      ...{ issuer: 'https://issuer.example', holder: 'user', subject: 'ann', runtimeId: 'a-AbCdEf1234' },
    };
    await log.read(
      decision({ principal: bearer, action: 'bedrock-agentcore:GetResourceApiKey', reason: 'key of x' }),
    );
    const [changed, read] = await all();
    const { hash: _, ...shown } = changed ?? assert.fail();
    assert.deepEqual(shown, {
      ...{ seq: 1, atMs: clock.now(), kind: 'allow', accessKeyId: 'AKIAANN', repeats: 0 },
      principal: 'arn:aws:iam::111122223333:user/ann',
      ...{ action: decision().action, resource: decision().resource, reason: 'role admin' },
      ...{ requestId: 'r-1', sourceIp: '192.0.2.1' },
    });
    assert.deepEqual([read?.kind, read?.principal], ['read', 'ann of https://issuer.example']);
  });

  it('writes those that come at once in one transaction', async (context) => {
    const { log, all, disk } = await start(context);
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => log.allowed(decision({ requestId: `r-${index}` }))),
    );
    assert.equal((await all()).length, 50);
    assert.ok(disk.appends <= 2, `${disk.appends} transactions`);
  });

  it('refuses what it cannot write, and goes on when it can', async (context) => {
    verifies('authz:audit-durable');
    const { log, all, disk, delayed } = await start(context);
    disk.isFull = true;
    await assert.rejects(log.allowed(decision()), {
      code: 'unavailable',
      message: /audit log .*no space left/,
    });
    await assert.rejects(log.read(decision()), { code: 'unavailable' });
    assert.equal(delayed.length, 2);
    disk.isFull = false;
    await log.allowed(decision());
    assert.equal((await all()).length, 1);
  });

  it('is part of nobody’s transaction: what happened stays written', async (context) => {
    verifies('authz:audit-durable');
    const { log, all, database } = await start(context);
    const written = Promise.withResolvers<void>();
    await assert.rejects(
      database.inOneTransaction(async () => {
        await database.insertInto('tags').values({ arn: 'a', key: 'k', value: 'v' }).execute();
        log.allowed(decision()).then(written.resolve, written.reject);
        await new Promise((resolve) => setTimeout(resolve, 20));
        throw new Error('rolled back');
      }),
      /rolled back/,
    );
    await written.promise;
    assert.equal((await all()).length, 1);
    assert.deepEqual(await database.selectFrom('tags').selectAll().execute(), []);
  });

  it('counts refusals that repeat, and has the first at once', async (context) => {
    verifies('authz:audit', 'authz:audit-bounded');
    const { log, all, clock } = await start(context);
    for (let times = 0; times < 1_000; times += 1) log.denied(decision({ requestId: `r-${times}` }));
    await clock.advance(500);
    await until(async () => (await all()).length === 1);
    await clock.advance(60_000);
    await until(async () => (await all()).length === 2);
    const [first, rest] = await all();
    assert.deepEqual([first?.requestId, first?.repeats, rest?.repeats, rest?.kind], ['r-0', 0, 998, 'deny']);
    log.denied(decision());
    await clock.advance(500);
    await until(async () => (await all()).length === 3);
  });

  it('is not filled by a caller who is refused over and over, each time in another way', async (context) => {
    verifies('authz:audit-bounded');
    const { log, all, clock } = await start(context);
    for (let times = 0; times < 20_000; times += 1)
      log.denied(decision({ resource: `/berth/v1/keys/${times}` }));
    await log.allowed(decision());
    await clock.advance(60_000);
    await until(async () => (await all()).at(-1)?.reason === 'various');
    const entries = await all();
    assert.ok(entries.length < 300, `${entries.length} entries`);
    const counted = entries
      .filter(({ kind }) => kind === 'deny')
      .reduce((sum, { repeats }) => sum + 1 + repeats, 0);
    assert.equal(counted, 20_000);
  });

  it('keeps so many entries, the oldest go first, and long texts are cut', async (context) => {
    verifies('authz:audit-bounded');
    const { log, all, store } = await start(context, 100);
    for (let batch = 0; batch < 3; batch += 1)
      await Promise.all(
        Array.from({ length: 1_000 }, () => log.allowed(decision({ resource: 'x'.repeat(10_000) }))),
      );
    const entries = await all();
    assert.ok(entries.length <= 1_100, `${entries.length} entries`);
    assert.equal(entries.at(-1)?.seq, 3_000);
    assert.equal(entries[0]?.resource.length, 512);
    assert.equal((await store.verify()).brokenAtSeq, undefined);
  });

  it('finds what was changed, taken out or put in, and lets no one do it by accident', async (context) => {
    verifies('authz:audit-chain');
    const { log, store, database } = await start(context);
    for (let index = 0; index < 5; index += 1) await log.allowed(decision({ requestId: `r-${index}` }));
    const { lastHash, ...verified } = await store.verify();
    assert.deepEqual(verified, { entries: 5, firstSeq: 1, lastSeq: 5, brokenAtSeq: undefined });
    assert.match(lastHash ?? '', /^[0-9a-f]{64}$/);
    const update = database.updateTable('audit_log').set({ reason: 'none' }).where('seq', '=', 3);
    await assert.rejects(update.execute(), /the audit log is not changed/);
    await assert.rejects(database.deleteFrom('audit_log').where('seq', '=', 3).execute(), /only the oldest/);

    const harms: readonly [string, number][] = [
      ["update audit_log set reason = 'none' where seq = 3", 3],
      ["update audit_log set kind = 'odd' where seq = 1", 1],
      ['delete from audit_log where seq = 3', 4],
    ];
    for (const [statement, brokenAtSeq] of harms) {
      const copy = await start(context);
      for (let index = 0; index < 5; index += 1)
        await copy.log.allowed(decision({ requestId: `r-${index}` }));
      await runSql(copy.database, 'drop trigger audit_log_is_not_changed');
      await runSql(copy.database, 'drop trigger audit_log_is_cut_at_its_beginning');
      await runSql(copy.database, statement);
      const found = await copy.store.verify();
      assert.equal(found.brokenAtSeq, brokenAtSeq, statement);
    }
    const [swapped, replayed] = [await start(context), await start(context)];
    for (let index = 0; index < 5; index += 1) {
      await swapped.log.allowed(decision({ requestId: `r-${index}` }));
      await replayed.log.allowed(decision({ requestId: `other-${index}` }));
    }
    const [, , other] = await replayed.all();
    await runSql(swapped.database, 'drop trigger audit_log_is_not_changed');
    const row = { request_id: other?.requestId ?? null, at: other?.atMs ?? 0, hash: other?.hash ?? '' };
    await swapped.database.updateTable('audit_log').set(row).where('seq', '=', 3).execute();
    assert.equal(
      (await swapped.store.verify()).brokenAtSeq,
      3,
      'an entry of another log, made with the same key',
    );

    const stranger = createSqlAuditStore({ database, key: new Uint8Array(32) });
    const [last] = await store.listAfter(4, {}, 1);
    await stranger.append([{ ...(last ?? assert.fail()), reason: 'forged' }]);
    assert.equal(
      (await store.verify()).brokenAtSeq,
      6,
      'without the server’s key nobody makes an entry that fits',
    );
  });

  it('goes on where another server left it', async (context) => {
    verifies('authz:audit-chain');
    const one = await start(context);
    const two = await start(context, 10_000, one.database);
    for (let index = 0; index < 10; index += 1) await (index % 2 === 0 ? one : two).log.allowed(decision());
    const { entries, brokenAtSeq } = await one.store.verify();
    assert.deepEqual([entries, brokenAtSeq], [10, undefined]);
  });

  it('is found by time, principal, key, action and kind', async (context) => {
    verifies('authz:audit');
    const { log, store, clock } = await start(context);
    await log.allowed(decision());
    await clock.advance(1_000);
    const bob: Principal = { ...ann, accessKeyId: 'AKIABOB', keyName: 'joann' };
    await log.allowed(decision({ principal: bob, action: 'berth:CreateAccessKey' }));
    await log.read(decision({ principal: bob, action: 'bedrock-agentcore:GetResourceApiKey' }));
    const seqs = async (filter: Parameters<typeof store.listAfter>[1]) =>
      (await store.listAfter(0, filter, 10)).map(({ seq }) => seq);
    assert.deepEqual(await seqs({ principal: 'ann' }), [1]);
    assert.deepEqual(await seqs({ principal: 'AKIABOB' }), [2, 3]);
    assert.deepEqual(await seqs({ principal: 'arn:aws:iam::111122223333:user/joann' }), [2, 3]);
    assert.deepEqual(await seqs({ action: 'createaccesskey' }), [2]);
    assert.deepEqual(await seqs({ action: 'berth:*' }), [2]);
    assert.deepEqual(await seqs({ action: '*Key' }), [2, 3]);
    assert.deepEqual(await seqs({ action: 'Create?ccessKey' }), []);
    assert.deepEqual(await seqs({ kind: 'read' }), [3]);
    assert.deepEqual(await seqs({ sinceMs: clock.now() }), [2, 3]);
    assert.deepEqual(
      (await store.listBefore(3, {}, 1)).map(({ seq }) => seq),
      [2],
    );
  });
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1_000; tries += 1) {
    if (await isSo()) return;
    await new Promise(setImmediate);
  }
  assert.fail('It never came to be.');
}
