import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { BerthError } from '../../shared/errors.ts';
import type { AccountId, RuntimeId, SessionId } from '../../shared/ids.ts';
import { sessionOfBearer, shownClaims } from './shown-claims.ts';
import type { WorkloadClaims } from './workload-token.ts';

const scope = { accountId: '111122223333' as AccountId, region: 'us-east-1' };
const session = {
  runtimeId: 'echo-AbCdEf1234' as RuntimeId,
  sessionId: 'one'.padEnd(33, '-') as SessionId,
  incarnation: 1,
};
const claims: WorkloadClaims = { ...scope, workload: 'echo-AbCdEf1234', user: undefined, session };
const tokens = { verify: async () => claims };

test('an agent shows tokens of its own workload and session only; whoever has a key may show any that is good', async () => {
  verifies('provider:own-workload');
  const agent = (workload: string, own = session) => ({ ...scope, ...own, kind: 'role' as const, workload });
  assert.equal(await shownClaims(tokens, agent('echo-AbCdEf1234'), 'token'), claims);
  assert.equal(await shownClaims(tokens, { ...scope, kind: 'access-key' }, 'token'), claims);
  const others = [
    ...['echo-AbCdEf1235', 'echo', ''].map((workload) => agent(workload)),
    agent('echo-AbCdEf1234', { ...session, sessionId: 'two'.padEnd(33, '-') as SessionId }),
    agent('echo-AbCdEf1234', { ...session, incarnation: 2 }),
  ];
  for (const other of others) {
    await assert.rejects(
      shownClaims(tokens, other, 'the-token'),
      (error) =>
        error instanceof BerthError && error.code === 'access-denied' && !error.message.includes('the-token'),
    );
  }
});

test('a token that an agent asks for is good for its own session; that of a key is not bound to one', () => {
  verifies('provider:own-workload');
  assert.deepEqual(sessionOfBearer({ ...scope, ...session, kind: 'role', workload: 'echo' }), session);
  assert.equal(sessionOfBearer({ ...scope, kind: 'access-key' }), undefined);
});

test('a token that is not good is refused as its verifier says', async () => {
  verifies('provider:own-workload');
  const refusal = new BerthError('access-denied', 'It has expired.');
  const refusing = { verify: () => Promise.reject(refusal) };
  await assert.rejects(shownClaims(refusing, { ...scope, kind: 'access-key' }, 'token'), refusal);
});
