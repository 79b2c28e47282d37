import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import type { SecretAccessKey } from './access-keys.ts';
import type { KeyPrincipal } from './principal.ts';
import { RegistryAuthenticator } from './registry-authenticator.ts';
import { RegistryTokens } from './registry-token.ts';
import { openTestAccessKeys } from './testing/sql-access-keys.ts';

const hour = 3_600_000;
const isPrivate = { isPrivate: true };

describe('logging in to the registry', () => {
  let opened: Awaited<ReturnType<typeof openTestAccessKeys>>;
  let nowMs = 0;
  let tokens: RegistryTokens;
  let registry: RegistryAuthenticator;
  let key: SecretAccessKey;

  function start(secretByte: number) {
    const shared = { serverSecret: new Uint8Array(32).fill(secretByte), clock: { now: () => nowMs } };
    const registryTokens = new RegistryTokens(shared);
    return {
      registryTokens,
      authenticator: new RegistryAuthenticator({ ...shared, accessKeys: opened.accessKeys, registryTokens }),
    };
  }

  beforeEach(async () => {
    opened = await openTestAccessKeys();
    key = await opened.accessKeys.create('invoker', 'ci');
    nowMs = 1_000_000;
    ({ registryTokens: tokens, authenticator: registry } = start(1));
  });
  afterEach(() => opened.close());

  it('takes user AWS with a token for twelve hours, also after a restart', async () => {
    verifies('auth:registry-token');
    const { username, password } = tokens.issue(key.id);
    nowMs += 12 * hour - 1;
    const principal = await start(1).authenticator.verifyBasic(username, password, { isPrivate: false });
    assert.deepEqual([principal.accessKeyId, principal.role], [key.id, 'invoker']);
    nowMs += 1;
    await assert.rejects(registry.verifyBasic(username, password, isPrivate), { code: 'unauthorized' });
  });

  it('refuses a token that was changed, is of another server, or whose key was revoked', async () => {
    verifies('auth:registry-token');
    const { password } = tokens.issue(key.id);
    const forged = [
      `${password}x`,
      password.replace('.', '..'),
      start(2).registryTokens.issue(key.id).password,
      '',
      '.',
    ];
    for (const wrong of forged) {
      await assert.rejects(registry.verifyBasic('AWS', wrong, isPrivate), { code: 'unauthorized' });
    }
    await opened.accessKeys.revoke(key.id);
    await assert.rejects(registry.verifyBasic('AWS', password, isPrivate), { code: 'unauthorized' });
  });

  it('takes the secret key itself only where nobody can read the connection', async () => {
    verifies('auth:registry-secret');
    assert.equal((await registry.verifyBasic(key.id, key.secret, isPrivate)).accessKeyId, key.id);
    await assert.rejects(registry.verifyBasic(key.id, key.secret, { isPrivate: false }), /plain connection/);
    await assert.rejects(registry.verifyBasic(key.id, 'wrong', isPrivate), { code: 'unauthorized' });
    await assert.rejects(registry.verifyBasic('AKIANOSUCHKEY0000000', key.secret, isPrivate), {
      code: 'unauthorized',
    });
  });

  it('gives bearer tokens what the role allows: invoke keys only pull', async () => {
    verifies('auth:registry-roles');
    const asked = [{ repository: 'a/b', actions: ['pull', 'push', 'delete'] as const }];
    const { accountId, region } = key;
    const principal: KeyPrincipal = {
      kind: 'access-key',
      accessKeyId: key.id,
      keyName: 'ci',
      role: 'invoker',
      limits: undefined,
      accountId,
      region,
    };
    const pulling = registry.issueBearer(principal, asked, 60_000);
    assert.deepEqual(pulling.scopes, [{ repository: 'a/b', actions: ['pull'] }]);
    assert.equal(pulling.expiresInS, 60);
    assert.deepEqual(await registry.verifyBearer(pulling.token), { principal, scopes: pulling.scopes });
    const pushing = registry.issueBearer({ ...principal, role: 'admin' }, asked, 60_000);
    assert.deepEqual(pushing.scopes, [{ repository: 'a/b', actions: ['pull', 'push', 'delete'] }]);
  });

  it('keeps passwords and bearer tokens apart', async () => {
    const { password } = tokens.issue(key.id);
    await assert.rejects(registry.verifyBearer(password), { code: 'unauthorized' });
  });
});
