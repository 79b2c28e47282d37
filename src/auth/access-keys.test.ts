import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it, type TestContext } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { openTestAccessKeys } from './testing/sql-access-keys.ts';

describe('access keys', () => {
  let opened: Awaited<ReturnType<typeof openTestAccessKeys>>;
  beforeEach(async () => {
    opened = await openTestAccessKeys();
  });
  afterEach(() => opened.close());

  it('have the form that AWS clients expect, and their secrets are sealed at rest', async () => {
    verifies('auth:keys', 'auth:keys-sealed');
    const key = await opened.accessKeys.create('invoker', 'web');
    assert.match(key.id, /^AKIA[A-Z0-9]{16}$/);
    assert.match(key.secret, /^[A-Za-z0-9+/]{40}$/);
    assert.deepEqual(await opened.again().find(key.id), key);
    assert.equal((await opened.storedText()).includes(key.secret), false);
  });

  it('are listed without their secrets, the revoked ones too', async () => {
    verifies('auth:keys');
    const first = await opened.accessKeys.create('admin', 'first');
    const second = await opened.accessKeys.create('invoker', 'second');
    await opened.accessKeys.revoke(second.id);
    const listed = await opened.accessKeys.list();
    assert.deepEqual(
      listed.map((key) => [key.name, key.role, key.revokedAtMs !== undefined]),
      [
        ['first', 'admin', false],
        ['second', 'invoker', true],
      ],
    );
    assert.equal(JSON.stringify(listed).includes(first.secret), false);
  });

  it('are useless from the moment they are revoked', async () => {
    verifies('auth:revoke');
    const key = await opened.accessKeys.create('invoker', 'web');
    assert.ok(await opened.accessKeys.find(key.id));
    await opened.accessKeys.revoke(key.id);
    assert.equal(await opened.accessKeys.find(key.id), undefined);
    await opened.accessKeys.revoke(key.id);
    await assert.rejects(opened.accessKeys.revoke('AKIANOSUCHKEY0000000'), { code: 'not-found' });
  });

  it('are useless at the other server of an upgrade, too, from the moment they are revoked', async (context) => {
    verifies('auth:revoke');
    const folder = await mkdtemp(join(tmpdir(), 'berth-keys-'));
    context.after(() => rm(folder, { recursive: true }));
    const [old, next] = [await openOneOfTwo(folder, context), await openOneOfTwo(folder, context)];
    const key = await old.accessKeys.create('invoker', 'web');
    assert.ok(await next.accessKeys.find(key.id));
    await old.accessKeys.revoke(key.id);
    assert.equal(await next.accessKeys.find(key.id), undefined);

    const late = await old.accessKeys.create('invoker', 'late');
    const lookup = next.accessKeys.find(late.id);
    await old.accessKeys.revoke(late.id);
    await lookup;
    assert.equal(await next.accessKeys.find(late.id), undefined);
  });

  it('are looked up once, whatever this server writes meanwhile', async () => {
    const { accessKeys, database } = opened;
    const key = await accessKeys.create('invoker', 'web');
    const found = await accessKeys.find(key.id);
    await accessKeys.create('invoker', 'other');
    assert.equal(await accessKeys.find(key.id), found);
    await database.updateTable('access_keys').set({ name: 'changed' }).execute();
    assert.equal(await accessKeys.find(key.id), found);
  });

  it('are not brought back by a lookup that was under way when they were revoked', async () => {
    const key = await opened.accessKeys.create('invoker', 'web');
    const lookup = opened.accessKeys.find(key.id);
    await opened.accessKeys.revoke(key.id);
    await lookup;
    assert.equal(await opened.accessKeys.find(key.id), undefined);
  });

  it('always leave one admin, whatever is revoked at once', async () => {
    verifies('auth:last-admin');
    const keys = await Promise.all(['a', 'b', 'c'].map((name) => opened.accessKeys.create('admin', name)));
    const results = await Promise.allSettled(keys.map((key) => opened.accessKeys.revoke(key.id)));
    assert.equal(results.filter((result) => result.status === 'fulfilled').length, 2);
    const refused = results.find((result) => result.status === 'rejected');
    assert.match(String(refused?.reason), /last admin key/);
  });

  it('begin with one admin key, made at the first start only', async () => {
    verifies('auth:first-key');
    const first = await opened.accessKeys.ensureFirstAdminKey();
    assert.equal(first.isNew, true);
    assert.equal(first.key.role, 'admin');
    assert.deepEqual(await opened.again().ensureFirstAdminKey(), { key: first.key, isNew: false });
  });
});

/** One of two servers over one database. */
async function openOneOfTwo(folder: string, context: TestContext) {
  const opened = await openTestAccessKeys(join(folder, 'berth.db'));
  context.after(() => opened.close());
  return opened;
}
