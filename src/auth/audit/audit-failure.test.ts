import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { runSql } from '../testing/sql-run.ts';
import { ann, auditUnderTest, decision, until } from './testing/audit-under-test.ts';

describe('an audit log that cannot be written', () => {
  it('keeps refusals, tries again ever more seldom, and has them all in the end', async () => {
    verifies('authz:audit-retried');
    await using opened = await auditUnderTest();
    const { log, all, disk, delayed, lost, clock } = opened;
    disk.isFull = true;
    for (let times = 0; times < 3; times += 1)
      log.denied(decision({ requestId: `r-${times}`, resource: `${times}` }));
    await clock.advance(10 * 60_000);
    await until(async () => delayed.length > 5);
    assert.ok(delayed.length < 30, `${delayed.length} tries`);
    disk.isFull = false;
    log.denied(decision({ requestId: 'r-3', resource: '3' }));
    await clock.advance(60_000);
    await until(async () => (await all()).length === 4);
    assert.deepEqual(
      (await all()).map(({ requestId, kind }) => [requestId, kind]),
      [0, 1, 2, 3].map((times) => [`r-${times}`, 'deny']),
    );
    assert.deepEqual(lost, []);
    log.denied(decision({ resource: 'soon again' }));
    await clock.advance(500);
    await until(async () => (await all()).length === 5);
  });

  it('refuses no change for a refusal that cannot be written', async () => {
    verifies('authz:audit-retried');
    await using opened = await auditUnderTest();
    const { log, store, database, clock, delayed } = opened;
    await runSql(
      database,
      `create trigger odd before insert on audit_log when new.kind = 'deny' begin select raise(abort, 'odd'); end`,
    );
    log.denied(decision());
    await clock.advance(500);
    await until(async () => delayed.length === 1);
    await log.allowed(decision());
    assert.deepEqual(
      (await store.listAfter(0, {}, 10)).entries.map(({ kind }) => kind),
      ['allow'],
    );
  });

  it('has no room for all refusals of a long time: it counts them, and says so in the log', async () => {
    verifies('authz:audit-retried');
    await using opened = await auditUnderTest();
    const { log, all, disk, lost, clock } = opened;
    disk.isFull = true;
    const bearer = {
      ...ann,
      kind: 'token',
      holder: 'user',
      issuer: 'https://issuer.example',
      runtimeId: 'a',
    } as const;
    for (let times = 0; times < 2_800; times += 1) {
      const principal = { ...bearer, subject: `user-${times % 400}` };
      log.denied(decision({ principal, resource: `${times}` }));
      if (times % 400 === 399) await clock.advance(60_000);
    }
    disk.isFull = false;
    await until(async () => {
      await clock.advance(60_000);
      return countOf(await all()) === 2_800;
    });
    const holes = (await all()).filter(({ principal }) => principal === 'berth');
    assert.equal(
      countOf(holes),
      lost.reduce((sum, count) => sum + count, 0),
    );
    assert.deepEqual([holes[0]?.action, holes[0]?.kind], ['berth:WriteAuditLog', 'deny']);
  });

  it('says how many refusals are missing when the server ends before it can', async () => {
    verifies('authz:audit-retried');
    const opened = await auditUnderTest();
    const { log, disk, lost } = opened;
    disk.isFull = true;
    for (let times = 0; times < 5; times += 1) log.denied(decision());
    await opened[Symbol.asyncDispose]();
    assert.deepEqual(lost, [5]);
  });

  it('is one of a full disk, too: changes are refused, nothing is broken, and all goes on when there is room', async () => {
    verifies('authz:audit-retried', 'authz:audit-durable');
    await using opened = await auditUnderTest();
    const { log, store, database, clock, delayed, all } = opened;
    await log.allowed(decision());
    await runSql(database, 'pragma max_page_count = 1');
    const long = decision({ resource: 'x'.repeat(500), reason: 'y'.repeat(500) });
    const isRefused = () =>
      log.allowed(long).then(
        () => false,
        (error: { code: string }) => error.code === 'unavailable',
      );
    let written = 1;
    while (!(await isRefused())) written += 1;
    await assert.rejects(log.read(long), { code: 'unavailable', message: /its disk is full/ });
    log.denied(long);
    await clock.advance(500);
    await until(async () => delayed.length === 3);
    await runSql(database, 'pragma max_page_count = 1000000');
    await log.allowed(long);
    await clock.advance(60_000);
    await until(async () => (await all()).length === written + 2);
    const { brokenAtSeq, entries } = await store.verify();
    assert.deepEqual([brokenAtSeq, entries], [undefined, written + 2]);
  });
});

function countOf(entries: readonly { readonly repeats: number }[]): number {
  return entries.reduce((sum, { repeats }) => sum + 1 + repeats, 0);
}
