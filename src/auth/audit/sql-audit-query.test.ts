import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { Principal } from '../principal.ts';
import { runSql } from '../testing/sql-run.ts';
import { ann, auditUnderTest, decision } from './testing/audit-under-test.ts';

describe('entries of the audit log', () => {
  it('are found by time, principal, key, action, resource and kind', async () => {
    verifies('authz:audit');
    await using opened = await auditUnderTest();
    const { log, store, clock } = opened;
    await log.allowed(decision());
    await clock.advance(1_000);
    const bob: Principal = { ...ann, accessKeyId: 'AKIABOB', keyName: 'joann' };
    await log.allowed(
      decision({ principal: bob, action: 'berth:CreateAccessKey', resource: '/berth/v1/keys' }),
    );
    await log.read(decision({ principal: bob, action: 'bedrock-agentcore:GetResourceApiKey' }));
    const seqs = async (filter: Parameters<typeof store.listAfter>[1]) =>
      (await store.listAfter(0, filter, 10)).entries.map(({ seq }) => seq);
    assert.deepEqual(await seqs({ principal: 'ann' }), [1]);
    assert.deepEqual(await seqs({ principal: 'AKIABOB' }), [2, 3]);
    assert.deepEqual(await seqs({ principal: 'arn:aws:iam::111122223333:user/joann' }), [2, 3]);
    assert.deepEqual(await seqs({ action: 'createaccesskey' }), [2]);
    assert.deepEqual(await seqs({ action: 'berth:*' }), [2]);
    assert.deepEqual(await seqs({ action: '*Key' }), [2, 3]);
    assert.deepEqual(await seqs({ action: 'Create?ccessKey' }), []);
    assert.deepEqual(await seqs({ kinds: ['read', 'deny'] }), [3]);
    assert.deepEqual(await seqs({ sinceMs: clock.now() }), [2, 3]);
    assert.deepEqual(await seqs({ untilMs: clock.now() }), [1]);
    assert.deepEqual(await seqs({ resource: 'a-AbCdEf1234' }), [1, 3]);
    assert.deepEqual(await seqs({ resource: 'runtime/a-*' }), []);
    assert.deepEqual(await seqs({ resource: '*runtime/a-*' }), [1, 3]);
    assert.deepEqual(await seqs({ resource: '/berth/v1/keys', kinds: ['allow'] }), [2]);
    assert.deepEqual(
      (await store.listBefore(3, {}, 1)).map(({ seq }) => seq),
      [2],
    );
  });

  it('are looked for bit by bit, and all of them are found', async () => {
    verifies('authz:audit');
    await using opened = await auditUnderTest();
    const { database, store } = opened;
    await runSql(
      database,
      `insert into audit_log (seq, at, kind, trail, principal, action, resource, reason, repeats, hash)
        with recursive numbers(seq) as (select 1 union all select seq + 1 from numbers where seq < 12002)
        select seq, 0, iif(seq in (1, 12002), 'allow', 'read'), '', '', '', '', '', 0, '' from numbers`,
    );
    const changes = { kinds: ['allow'] } as const;
    const seqsOf = (found: readonly { readonly seq: number }[]) => found.map(({ seq }) => seq);
    assert.deepEqual(seqsOf((await store.listAfter(0, changes, 5)).entries), [1, 12_002]);
    assert.equal((await store.listAfter(0, changes, 1)).upToSeq, 1);
    assert.equal((await store.listAfter(1, { kinds: ['deny'] }, 1)).upToSeq, 12_002);
    assert.deepEqual(seqsOf(await store.listBefore(20_000, changes, 5)), [12_002, 1]);
    assert.deepEqual(seqsOf(await store.listBefore(12_002, changes, 1)), [1]);
    assert.deepEqual(seqsOf((await store.listAfter(0, {}, 12_000)).entries).at(-1), 12_000);
  });
});
