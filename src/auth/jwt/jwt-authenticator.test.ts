import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { verifies } from '../../../test/requirements.ts';
import type { AccountId } from '../../shared/ids.ts';
import { JwtAuthenticator } from './jwt-authenticator.ts';

const target = {
  accountId: '111122223333' as AccountId,
  region: 'us-east-1',
  runtimeId: 'echo-AbCdEf1234',
  authorizer: { discoveryUrl: 'https://issuer.example/.well-known/openid-configuration' },
};
const authenticator = new JwtAuthenticator({
  verifier: {
    async verify(token) {
      return { issuer: 'https://issuer.example', holder: 'user', subject: token };
    },
  },
});
const begin = (authorization: string, rawHeaders: readonly string[] = ['Authorization', authorization]) =>
  authenticator.begin({ method: 'POST', rawUrl: '/x', headers: { authorization }, rawHeaders }, target);

test('the bearer of a token is a principal of that one runtime, whatever the body', async () => {
  verifies('auth:bearer');
  const pending = await begin('bearer a.b-_~+/c=');
  const { accountId, region, runtimeId } = target;
  const issuer = 'https://issuer.example';
  const { held, ...principal } = pending.principal;
  assert.equal(held?.reveal(), 'a.b-_~+/c=');
  assert.equal(JSON.stringify(held), '{}');
  assert.doesNotMatch(inspect(held, { showHidden: true, depth: 9 }), /a\.b/);
  assert.deepEqual(principal, {
    ...{ kind: 'token', accountId, region, runtimeId, issuer },
    ...{ holder: 'user', subject: 'a.b-_~+/c=' },
  });
  assert.deepEqual([pending.isBodySigned, pending.claimedBodySha256], [false, undefined]);
  assert.equal(pending.verifyBody('0'), pending.principal);
});

test('two Authorization headers are not chosen from', async () => {
  verifies('auth:bearer-malformed');
  const twice = ['Authorization', 'Bearer good', 'authorization', 'Bearer other'];
  await assert.rejects(begin('Bearer good', twice), { code: 'unauthorized' });
});
