import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { AccountId } from '../../shared/ids.ts';
import { openDatabase } from '../../storage/database.ts';
import { createSqlWorkloadIdentityStore } from '../sql-workload-identity-store.ts';
import type { Consent } from './consent.ts';
import { grantKeyOf } from './grant.ts';
import { createSqlConsentStore } from './sql-consent-store.ts';
import { createSqlGrantStore } from './sql-grant-store.ts';

const scope = { accountId: '111122223333' as AccountId, region: 'us-east-1' };
const wish = { scopes: [], resources: [], audiences: [] };
const key = grantKeyOf(scope, 'agent', { kind: 'named', userId: 'u' }, 'p', wish);
const grant = { id: key.id, version: 'v', sealedTokens: 's', expiresAtMs: 1, renewAtMs: undefined };
const sent = { stateDigest: 'state', cookieDigest: 'cookie', sealedExchange: 'exchange' };

async function setUp() {
  const database = await openDatabase(':memory:');
  const identity = { ...scope, name: 'agent', ownerRuntimeId: undefined, incarnation: 'i', returnUrls: [] };
  await createSqlWorkloadIdentityStore({ database }).insert(
    { ...identity, createdAtMs: 0, lastUpdatedAtMs: 0 },
    { arn: 'arn', tags: {} },
    1,
  );
  const consent: Consent = {
    ...scope,
    id: 'c',
    linkDigest: 'link',
    userDigest: 'user',
    workload: 'agent',
    providerId: 'p',
    callbackId: 'callback',
    grantId: key.id,
    state: 'asked',
    cookieDigest: undefined,
    sealedRequest: 'request',
    sealedExchange: undefined,
    sealedTokens: undefined,
    expiresAtMs: 10,
  };
  const store = createSqlConsentStore({ database });
  await store.insert(consent, { ofWorkload: 1, ofUser: 1 }, 0);
  return { store, grants: createSqlGrantStore({ database }) };
}

test('a consent takes each step once, and none out of turn', async () => {
  verifies('oauth:attacks');
  const { store, grants } = await setUp();
  assert.equal(await store.take('c', 'state'), false);
  assert.equal(await store.answer('c', 'tokens'), false);
  assert.equal(await store.bind('c', key, grant, 0), false);
  assert.equal(await grants.find(key.id), undefined);
  assert.equal(await store.send('c', { ...sent, stateDigest: 'of another browser' }), true);
  assert.equal(await store.send('c', sent), true);
  assert.equal(await store.take('c', 'of another browser'), false);
  const taken = await Promise.all([store.take('c', 'state'), store.take('c', 'state')]);
  assert.deepEqual(taken, [true, false]);
  assert.equal(await store.send('c', sent), false);
  assert.equal(await store.answer('c', 'tokens'), true);
  assert.equal(await store.answer('c', 'others'), false);
  assert.equal((await store.find('c'))?.sealedTokens, 'tokens');
  assert.equal(await store.bind('c', key, grant, 0), true);
  assert.equal(await store.bind('c', key, grant, 0), false);
  await store.fail('c');
  const { state, sealedTokens, sealedExchange } = (await store.find('c')) ?? {};
  assert.deepEqual(
    { state, sealedTokens, sealedExchange },
    { state: 'bound', sealedTokens: undefined, sealedExchange: undefined },
  );
  assert.deepEqual(await grants.find(key.id), grant);
});

test('a consent that failed has nothing left, and takes no further step', async () => {
  verifies('oauth:user-binding');
  const { store, grants } = await setUp();
  await store.send('c', sent);
  await store.take('c', 'state');
  await store.answer('c', 'tokens');
  await store.fail('c');
  assert.equal((await store.find('c'))?.sealedTokens, undefined);
  assert.equal(await store.bind('c', key, grant, 0), false);
  assert.equal(await store.send('c', sent), false);
  assert.equal(await grants.find(key.id), undefined);
});
