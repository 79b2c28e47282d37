import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { Principal } from '../principal.ts';
import { testRole } from '../role/testing/roles.ts';
import type { SandboxId } from '../../shared/ids.ts';
import { ann, auditUnderTest, decision, until } from './testing/audit-under-test.ts';

describe('the audit log', () => {
  it('has changes and reads on disk before they happen, with who, what, why and where from', async () => {
    verifies('authz:audit', 'authz:audit-durable');
    await using opened = await auditUnderTest();
    const { log, all, clock } = opened;
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

  it('writes those that come at once in one transaction', async () => {
    await using opened = await auditUnderTest();
    const { log, all, disk } = opened;
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => log.allowed(decision({ requestId: `r-${index}` }))),
    );
    assert.equal((await all()).length, 50);
    assert.ok(disk.appends <= 2, `${disk.appends} transactions`);
  });

  it('refuses what it cannot write, and goes on when it can', async () => {
    verifies('authz:audit-durable');
    await using opened = await auditUnderTest();
    const { log, all, disk, delayed } = opened;
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

  it('is part of nobody’s transaction: what happened stays written', async () => {
    verifies('authz:audit-durable');
    await using opened = await auditUnderTest();
    const { log, all, database } = opened;
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

  it('counts refusals that repeat, and has the first at once', async () => {
    verifies('authz:audit', 'authz:audit-bounded');
    await using opened = await auditUnderTest();
    const { log, all, clock } = opened;
    for (let times = 0; times < 1_000; times += 1) log.denied(decision({ requestId: `r-${times}` }));
    await clock.advance(500);
    await until(async () => (await all()).length === 1);
    await clock.advance(60_500);
    await until(async () => (await all()).length === 2);
    const [first, rest] = await all();
    assert.deepEqual([first?.requestId, first?.repeats, rest?.repeats, rest?.kind], ['r-0', 0, 998, 'deny']);
    log.denied(decision());
    await clock.advance(500);
    await until(async () => (await all()).length === 3);
  });

  it('is not filled by a caller who is refused over and over, each time in another way', async () => {
    verifies('authz:audit-bounded');
    await using opened = await auditUnderTest();
    const { log, all, clock } = opened;
    for (let times = 0; times < 20_000; times += 1)
      log.denied(decision({ resource: `/berth/v1/keys/${times}` }));
    for (let times = 0; times < 20_000; times += 1) {
      const sandboxId = `sb-${times % 1_000}` as SandboxId;
      log.denied(decision({ principal: testRole({ sandboxId }), resource: `/berth/v1/keys/${times}` }));
    }
    log.denied(decision({ principal: { ...ann, keyName: 'bob' }, reason: 'role invoker' }));
    await clock.advance(60_500);
    await until(async () => (await all()).at(-1)?.reason === 'various');
    const entries = await all();
    // For each of the two 32, and one for the rest, at once and again as a number.
    assert.ok(entries.length < 140, `${entries.length} entries`);
    assert.equal(countOf(entries), 40_001);
    assert.equal(entries.filter(({ principal }) => principal.endsWith('/bob')).length, 1);
  });

  it('is not filled by those who prove nothing, from however many addresses, and says how many there were', async () => {
    verifies('authz:audit-bounded', 'authz:audit-doors');
    await using opened = await auditUnderTest();
    const { log, all, clock } = opened;
    const { principal: _, ...request } = decision({ reason: 'the signature does not fit' });
    for (let times = 0; times < 50_000; times += 1) {
      const sourceIp = times % 2 === 0 ? '198.51.100.1' : `203.0.113.${times % 500}`;
      log.unproven({ ...request, accessKeyId: 'AKIAANN', sourceIp, resource: `/runtimes/${times}` });
    }
    log.denied(decision());
    await clock.advance(600_500);
    await until(async () => countOf(await all()) === 50_001);
    const entries = await all();
    assert.ok(entries.length < 260, `${entries.length} entries`);
    const [first] = entries;
    assert.deepEqual(
      [first?.kind, first?.principal, first?.accessKeyId, first?.sourceIp],
      ['unproven', 'anonymous', 'AKIAANN', '198.51.100.1'],
    );
    assert.equal(entries.filter(({ kind }) => kind === 'deny').length, 1);
    assert.equal(entries.filter(({ sourceIp, kind }) => kind !== 'deny' && sourceIp === undefined).length, 2);
  });

  it('keeps so many entries of each kind: reads of credentials do not push out who changed what', async () => {
    verifies('authz:audit-bounded', 'authz:audit-kinds');
    await using opened = await auditUnderTest({ limits: { entries: 100, ageMs: undefined } });
    const { log, all, store } = opened;
    await log.allowed(decision({ resource: 'x'.repeat(10_000) }));
    for (let batch = 0; batch < 3; batch += 1)
      await Promise.all(Array.from({ length: 1_000 }, () => log.read(decision())));
    await log.trim();
    const entries = await all();
    assert.equal(entries.length, 101);
    assert.equal(entries.at(-1)?.seq, 3_001);
    assert.deepEqual([entries[0]?.kind, entries[0]?.resource.length], ['allow', 512]);
    assert.equal((await store.verify()).brokenAtSeq, undefined);
    await log.read(decision());
    assert.equal((await store.verify()).brokenAtSeq, undefined);
  });

  it('keeps entries so long, and the newest of each kind for longer, which the next one follows', async () => {
    verifies('authz:audit-bounded', 'authz:audit-kinds');
    await using opened = await auditUnderTest({ limits: { entries: 1_000, ageMs: 60_000 } });
    const { log, all, store, clock } = opened;
    for (let times = 0; times < 3; times += 1) await log.allowed(decision());
    await log.read(decision());
    await clock.advance(50_000);
    await log.read(decision());
    await clock.advance(10_001);
    await log.trim();
    assert.deepEqual(
      (await all()).map(({ seq }) => seq),
      [3, 5],
    );
    await log.allowed(decision());
    const { brokenAtSeq, entries } = await store.verify();
    assert.deepEqual([brokenAtSeq, entries], [undefined, 3]);
  });
});

function countOf(entries: readonly { readonly repeats: number }[]): number {
  return entries.reduce((sum, { repeats }) => sum + 1 + repeats, 0);
}
