import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { verifies } from '../../../test/requirements.ts';
import { testScope, tokensUnderTest } from '../testing/tokens-under-test.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const claims = { ...testScope, workload: 'worker', user: undefined, session: undefined };

async function open() {
  const clock = new FakeClock();
  const server = await tokensUnderTest({ clock });
  await server.create('worker');
  const keyIds = async () => (await server.signingKeyStore.list()).map(({ id }) => id);
  return { ...server, clock, keyIds };
}

test('a key signs for a day, and goes when no token of it can be alive', async () => {
  verifies('token:rotation');
  await using server = await open();
  const { clock, signingKeys, workloadTokens, keyIds } = server;
  await workloadTokens.issue(claims);
  await clock.advance(24 * hourMs - 1);
  const last = await workloadTokens.issue(claims);
  const [first] = await keyIds();
  await clock.advance(1);
  await workloadTokens.issue(claims);
  assert.equal((await keyIds()).length, 2);
  await clock.advance(29 * minuteMs);
  await signingKeys.lookAfter();
  await workloadTokens.verify(testScope, last);
  await clock.advance(hourMs);
  await signingKeys.lookAfter();
  const left = await keyIds();
  assert.equal(left.length, 1);
  assert.notEqual(left[0], first);
});

test('keys change although nobody asks for tokens; a server that nobody ever asked has none', async () => {
  verifies('token:rotation');
  await using server = await open();
  const { clock, signingKeys, keyIds } = server;
  await signingKeys.lookAfter();
  assert.deepEqual(await keyIds(), []);
  const { id } = await signingKeys.current();
  await clock.advance(24 * hourMs);
  await signingKeys.lookAfter();
  await clock.advance(2 * hourMs);
  await signingKeys.lookAfter();
  const left = await keyIds();
  assert.equal(left.length, 1);
  assert.notEqual(left[0], id);
});

test('rotation by hand loses no token, however often it is done', async () => {
  verifies('token:rotation');
  await using server = await open();
  const { clock, signingKeys, workloadTokens, keyIds } = server;
  const tokens: string[] = [];
  for (let round = 0; round < 5; round += 1) {
    tokens.push(await workloadTokens.issue(claims));
    assert.equal(await signingKeys.rotate(), (await signingKeys.current()).id);
    await signingKeys.lookAfter();
  }
  await clock.advance(30 * minuteMs - 1_000);
  await signingKeys.lookAfter();
  for (const token of tokens) await workloadTokens.verify(testScope, token);
  assert.equal(new Set(tokens).size, 5);
  assert.equal((await keyIds()).length, 6);
});

test('a key that one server has made is good at the other at once, and signs there within a minute', async () => {
  verifies('token:same-keys', 'token:rotation');
  await using old = await open();
  const { clock, database } = old;
  await using next = await tokensUnderTest({ database, clock });
  const before = await old.workloadTokens.issue(claims);
  await next.workloadTokens.verify(testScope, before);
  await clock.advance(2_000);
  const id = await next.signingKeys.rotate();
  const after = await next.workloadTokens.issue(claims);
  await clock.advance(minuteMs - 2_001);
  // What the old server still signs with the key before is good for its whole life, everywhere.
  const late = await old.workloadTokens.issue(claims);
  assert.notEqual((await old.signingKeys.current()).id, id);
  await old.workloadTokens.verify(testScope, after);
  await using third = await tokensUnderTest({ database, clock });
  await third.signingKeys.current();
  const newest = await next.signingKeys.rotate();
  assert.equal((await third.signingKeys.current()).id, id);
  await clock.advance(minuteMs);
  assert.equal((await third.signingKeys.current()).id, newest);
  await clock.advance(29 * minuteMs - 1_000);
  await next.signingKeys.lookAfter();
  await next.workloadTokens.verify(testScope, late);
});

test('servers that make the first key at the same time end up with one', async () => {
  verifies('token:same-keys');
  await using one = await open();
  const { clock, database } = one;
  await using two = await tokensUnderTest({ database, clock });
  const [a, b] = await Promise.all([one.signingKeys.current(), two.signingKeys.current()]);
  assert.equal(a.id, b.id);
  assert.deepEqual(await one.keyIds(), [a.id]);
});

test('what a server that was killed has signed is good at the next', async () => {
  verifies('token:same-keys');
  await using killed = await open();
  const { clock, database } = killed;
  const token = await killed.workloadTokens.issue(claims);
  await using next = await tokensUnderTest({ database, clock });
  assert.equal((await next.workloadTokens.verify(testScope, token)).workload, 'worker');
  assert.equal((await next.signingKeys.current()).id, (await killed.signingKeys.current()).id);
});

test('strangers with made-up key ids ask the database once a second at the most', async () => {
  verifies('token:refused');
  await using server = await open();
  const { clock, signingKeys, signingKeyStore } = server;
  await signingKeys.current();
  let reads = 0;
  const { list } = signingKeyStore;
  signingKeyStore.list = () => {
    reads += 1;
    return list();
  };
  for (let count = 0; count < 100; count += 1)
    assert.equal(await signingKeys.find(`made-up-${count}`), undefined);
  assert.equal(reads, 0);
  await clock.advance(1_000);
  for (let count = 0; count < 100; count += 1) await signingKeys.find(`made-up-${count}`);
  assert.equal(reads, 1);
});

test('no key is in the database in clear', async () => {
  verifies('token:sealed-keys');
  await using server = await open();
  const { signingKeys, signingKeyStore, database } = server;
  await signingKeys.current();
  const [key] = await signingKeyStore.list();
  assert.ok(key !== undefined && key.secret.length === 32);
  const rows = JSON.stringify(await database.selectFrom('workload_signing_keys').selectAll().execute());
  for (const form of ['base64', 'base64url', 'hex'] as const)
    assert.ok(!rows.includes(Buffer.from(key.secret).toString(form)));
});
