import assert from 'node:assert/strict';
import { it } from 'node:test';
import { sql } from 'kysely';
import { verifies } from '../../test/requirements.ts';
import { type Database, openDatabase } from './database.ts';

async function setUp() {
  const database = await openDatabase(':memory:');
  const put = (name: string) => database.insertInto('settings').values({ name, value: 'x' }).execute();
  const names = async () =>
    (await database.selectFrom('settings').select('name').orderBy('name').execute()).map(({ name }) => name);
  return { database, put, names };
}

it('a unit of work is one transaction, whoever takes part in it', async () => {
  const { database, put, names } = await setUp();
  const failing = database.inOneTransaction(async () => {
    await put('a');
    await database.transaction().execute(() => put('b'));
    assert.deepEqual(await names(), ['a', 'b']);
    throw new Error('no');
  });
  await assert.rejects(failing, /no/);
  assert.deepEqual(await names(), []);
});

it('an inner transaction that fails takes back only what it wrote', async () => {
  const { database, put, names } = await setUp();
  await database.inOneTransaction(async () => {
    await put('a');
    const inner = database.transaction().execute(async () => {
      await put('b');
      throw new Error('no');
    });
    await assert.rejects(inner, /no/);
    await put('c');
  });
  assert.deepEqual(await names(), ['a', 'c']);
});

it('others wait until it is done, also those that it set off itself', async () => {
  const { database, put, names } = await setUp();
  const order: string[] = [];
  const inside = Promise.withResolvers<void>();
  const unit = database.inOneTransaction(async () => {
    await put('a');
    database.afterCommit(() => void put('after').then(() => order.push('after')));
    await inside.promise;
    order.push('unit');
  });
  const other = put('other').then(() => order.push('other'));
  inside.resolve();
  await Promise.all([unit, other]);
  assert.deepEqual(await names(), ['a', 'after', 'other']);
  assert.equal(order[0], 'unit');
});

it('outside a unit what waits for the commit runs at once', async () => {
  const { database } = await setUp();
  let ran = false;
  database.afterCommit(() => (ran = true));
  assert.ok(ran);
});

it('a transaction that a full disk ends says so, leaves nothing, and the next one goes on', async () => {
  verifies('server:disk-full');
  const { database, names } = await setUp();
  await sql`pragma max_page_count = 1`.execute(database);
  const fill = async (writer: Database = database) => {
    await writer.insertInto('settings').values({ name: 'a', value: 'x' }).execute();
    await writer
      .insertInto('settings')
      .values({ name: 'b', value: 'x'.repeat(100_000) })
      .execute();
  };
  const refusal = { code: 'unavailable', message: /its disk is full/ };
  await assert.rejects(database.transaction().execute(fill), refusal);
  await assert.rejects(
    database.inOneTransaction(() => fill()),
    refusal,
  );
  await assert.rejects(
    database.inOneTransaction(() => database.transaction().execute(fill)),
    refusal,
  );
  assert.deepEqual(await names(), []);
  await sql`pragma max_page_count = 1000000`.execute(database);
  await database.inOneTransaction(() => fill());
  assert.deepEqual(await names(), ['a', 'b']);
});
