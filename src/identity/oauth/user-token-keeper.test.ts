import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { verifies } from '../../../test/requirements.ts';
import { BerthError } from '../../shared/errors.ts';
import { tokensUnderTest, testRuntime, testScope } from '../testing/tokens-under-test.ts';
import { HeldToken } from '../../shared/held-token.ts';
import type { SessionId } from '../../shared/ids.ts';
import type { WorkloadUser } from '../tokens/workload-token.ts';
import { createUserTokenKeeper } from './user-token-keeper.ts';

/** Calls into an agent by users with tokens, and a vault that does with each as the test says. */
async function setUp() {
  const clock = new FakeClock();
  const tried: PromiseWithResolvers<void>[] = [];
  const lost: unknown[] = [];
  const attempt = () => {
    const begun = Promise.withResolvers<void>();
    tried.push(begun);
    return begun.promise;
  };
  const keepUserToken = createUserTokenKeeper({
    subjectTokens: {
      keep: attempt,
      passOn: attempt,
    },
    events: { subjectTokenLost: (error) => void lost.push(error) },
    clock,
  });
  const tokens = await tokensUnderTest({ clock, keepUserToken });
  await tokens.createOwned(testRuntime);
  const user: WorkloadUser = { kind: 'user', issuer: 'https://idp.example', subject: 'ann' };
  /** How far it is. */
  const call = () => {
    const state = { hasToken: false };
    const handed = tokens.agentTokens.handOut({
      scope: testScope,
      workload: testRuntime,
      session: { runtimeId: testRuntime, sessionId: 's1' as SessionId, incarnation: 1 },
      onBehalf: { user, actors: [], userToken: new HeldToken('token-of-ann') },
    });
    void Promise.resolve(handed).then(({ token }) => (state.hasToken = token !== ''));
    return state;
  };
  return { clock, tried, lost, call, [Symbol.asyncDispose]: () => tokens[Symbol.asyncDispose]() };
}

/** Signing takes its time, though the clock stands still. */
async function signed(call: { readonly hasToken: boolean }): Promise<void> {
  for (let turn = 0; turn < 10_000 && !call.hasToken; turn += 1) await setImmediate();
  assert.ok(call.hasToken);
}

test('a call waits for a second at most until what its user came with is kept', async () => {
  verifies('oauth:subject-token-wait');
  await using fixture = await setUp();
  const { clock, tried, lost, call } = fixture;
  const first = call();
  await clock.advance(999);
  assert.equal(first.hasToken, false);
  tried[0]?.resolve();
  await signed(first);

  const slow = call();
  await clock.advance(1_000);
  await signed(slow);
  // The next ones do not wait for the same again.
  const next = call();
  await signed(next);
  assert.equal(tried.length, 2);
  tried[1]?.reject(new Error('at last'));
  await clock.advance(10_000);
  assert.equal(lost.length, 1);
  call();
  assert.equal(tried.length, 3);
});

test('after the vault was unavailable calls go on without for ten seconds', async () => {
  verifies('oauth:subject-token-wait');
  await using fixture = await setUp();
  const { clock, tried, lost, call } = fixture;
  const failed = call();
  tried[0]?.reject(new BerthError('unavailable', 'no engine'));
  await signed(failed);
  assert.equal(lost.length, 1);
  const without = call();
  await signed(without);
  await clock.advance(9_999);
  assert.equal(tried.length, 1);
  await clock.advance(1);
  call();
  assert.equal(tried.length, 2);
  // Of another failure the next call knows nothing.
  tried[1]?.reject(new Error('this token only'));
  await clock.advance(0);
  call();
  assert.equal(tried.length, 3);
});
