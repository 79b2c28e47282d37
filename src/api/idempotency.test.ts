import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { BerthError } from '../shared/errors.ts';
import type { AccountId } from '../shared/ids.ts';
import { openDatabase } from '../storage/database.ts';
import { IdempotencyStore } from '../storage/idempotency-store.ts';
import { Idempotency } from './idempotency.ts';
import { loadServiceOperations } from './model/service-operation.ts';

const operations = loadServiceOperations();
const scope = { accountId: '111122223333' as AccountId, region: 'us-east-1' };
const clientToken = 't'.repeat(33);
const hourMs = 3600 * 1000;

function operation(name: string) {
  const found = operations.find((one) => one.name === name);
  assert.ok(found);
  return found;
}

async function setUp() {
  const database = await openDatabase(':memory:');
  const time = { now: 1_000_000_000_000 };
  const clock = { now: () => time.now, after: () => () => {} };
  const store = new IdempotencyStore({ database });
  let runs = 0;
  const act = async () => ({ status: 202, headers: { h: 'x' }, body: `{"run":${(runs += 1)}}` });
  return { database, time, store, act, runs: () => runs, start: () => new Idempotency({ store, clock }) };
}

describe('idempotency', () => {
  it('answers a repeated request as the first one, also after a restart, for 24 hours', async () => {
    verifies('wire:idempotent');
    const { time, act, runs, start } = await setUp();
    const create = operation('CreateAgentRuntime');
    const first = await start().run(create, scope, { clientToken, a: 1, b: { c: 2, d: new Date(5) } }, act);
    time.now += 24 * hourMs - 1;
    const again = await start().run(create, scope, { b: { d: new Date(5), c: 2 }, a: 1, clientToken }, act);
    assert.deepEqual(again, first);
    assert.equal(runs(), 1);
    time.now += 2;
    await start().run(create, scope, { clientToken, other: true }, act);
    assert.equal(runs(), 2);
  });

  it('acts and remembers as one: when the answer cannot be written down, nothing was done', async () => {
    verifies('wire:idempotent');
    const { store, start, database } = await setUp();
    const create = operation('CreateAgentRuntime');
    const insert = async () => {
      // As a store does it, in a transaction of its own.
      await database.transaction().execute(async (transaction) => {
        await transaction.insertInto('settings').values({ name: 'made', value: 'once' }).execute();
      });
      return { status: 202, headers: {}, body: '{}' };
    };
    const made = async () =>
      (await database.selectFrom('settings').select('value').where('name', '=', 'made').execute()).length;
    const { remember } = store;
    store.remember = () => Promise.reject(new Error('The disk is full.'));
    await assert.rejects(start().run(create, scope, { clientToken }, insert), /The disk is full/);
    assert.equal(await made(), 0);

    store.remember = remember;
    await start().run(create, scope, { clientToken }, insert);
    await start().run(create, scope, { clientToken }, insert);
    assert.equal(await made(), 1);
  });

  it('lets a repetition wait for the first one while it runs', async () => {
    const { runs, act, start } = await setUp();
    const idempotency = start();
    const gate = Promise.withResolvers<void>();
    const slow = async () => gate.promise.then(act);
    const create = operation('CreateAgentRuntime');
    const both = [1, 2].map(() => idempotency.run(create, scope, { clientToken }, slow));
    gate.resolve();
    const [one, two] = await Promise.all(both);
    assert.deepEqual(one, two);
    assert.equal(runs(), 1);
  });

  it('refuses a token that comes with other parameters', async () => {
    verifies('wire:idempotency-mismatch');
    const { act, runs, start } = await setUp();
    const idempotency = start();
    await idempotency.run(operation('CreateAgentRuntime'), scope, { clientToken, a: 1 }, act);
    await assert.rejects(
      idempotency.run(operation('CreateAgentRuntime'), scope, { clientToken, a: 2 }, act),
      (error) => error instanceof BerthError && error.reason === 'IdempotentParameterMismatchException',
    );
    await idempotency.run(operation('DeleteAgentRuntime'), scope, { clientToken, agentRuntimeId: 'a' }, act);
    await assert.rejects(
      idempotency.run(operation('DeleteAgentRuntime'), scope, { clientToken, agentRuntimeId: 'b' }, act),
      (error) => error instanceof BerthError && error.code === 'conflict',
    );
    assert.equal(runs(), 2);
  });

  it('keeps operations, accounts and regions apart, and runs what has no token', async () => {
    const { act, runs, start } = await setUp();
    const idempotency = start();
    const other = { ...scope, accountId: '444455556666' as AccountId };
    await idempotency.run(operation('CreateAgentRuntime'), scope, { clientToken, a: 1 }, act);
    await idempotency.run(operation('CreateAgentRuntime'), other, { clientToken, a: 2 }, act);
    await idempotency.run(
      operation('CreateAgentRuntime'),
      { ...scope, region: 'eu-west-1' },
      { clientToken, a: 3 },
      act,
    );
    await idempotency.run(operation('UpdateAgentRuntime'), scope, { clientToken, a: 4 }, act);
    await idempotency.run(operation('CreateAgentRuntime'), scope, { a: 1 }, act);
    await idempotency.run(operation('CreateAgentRuntime'), scope, { a: 1 }, act);
    assert.equal(runs(), 6);
  });

  it('does not remember failures, and a repetition that waited tries itself', async () => {
    verifies('wire:failures-not-remembered');
    const { act, start } = await setUp();
    const idempotency = start();
    const create = operation('CreateAgentRuntime');
    const failed = idempotency.run(create, scope, { clientToken }, () => Promise.reject(new Error('no')));
    const waiting = idempotency.run(create, scope, { clientToken }, act);
    await assert.rejects(failed, /no/);
    assert.equal((await waiting).body, '{"run":1}');
  });

  it('purges what is older than a day', async () => {
    const { time, store, act, start } = await setUp();
    const idempotency = start();
    const create = operation('CreateAgentRuntime');
    await idempotency.run(create, scope, { clientToken }, act);
    time.now += 25 * hourMs;
    await idempotency.run(create, scope, { clientToken: 'u'.repeat(33) }, act);
    assert.equal(await store.find({ scope, operation: 'CreateAgentRuntime', token: clientToken }), undefined);
  });
});
