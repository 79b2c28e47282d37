import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../requirements.ts';
import { KnownSession, type KnownSessionParts } from './known-session.ts';

/** Its sessions go to disk after three seconds. */
const rested: KnownSessionParts['runtime'] = {
  name: 'rested',
  deployed: { arn: '', id: '' },
  sleepsAfterMs: 3_000,
  freezes: false,
};

function begun(runtime = rested) {
  let nowMs = 0;
  const session = new KnownSession({ id: 's1', runtime, nowMs: () => nowMs });
  const answer = (bootId: string, heard: readonly string[]) => ({
    bootId,
    heard,
    answer: '',
    sessionId: 's1',
  });
  session.begin();
  assert.equal(session.heard(answer('first', ['one']), 'one'), undefined);
  session.finish(true);
  return {
    session,
    pass: (ms: number) => (nowMs += ms),
    fails: (meanwhile = () => {}) => {
      session.begin();
      meanwhile();
      session.finish(false);
    },
    wrongWith: (bootId: string, heard: readonly string[]) => {
      session.begin();
      const wrong = session.heard(answer(bootId, heard), 'two');
      session.finish(true);
      return wrong;
    },
  };
}

test('a session that begins anew, or forgets, is found, also when calls of it failed', () => {
  verifies('restart:soak');
  assert.match(begun().wrongWith('first', ['two']) ?? '', /forgot one/);
  assert.equal(begun().wrongWith('first', ['one', 'two']), undefined);
  const known = begun();
  known.pass(60_000);
  known.fails();
  assert.match(known.wrongWith('second', ['two']) ?? '', /was lost/);
});

test('one whose sandbox was killed, or whose stop was broken off, may begin anew, once', () => {
  verifies('restart:soak');
  const known = begun();
  known.session.mayHaveEnded();
  assert.equal(known.wrongWith('second', ['two']), undefined);
  assert.match(known.wrongWith('third', ['two']) ?? '', /was lost/);
});

test('of all that is killed only containerd may end one, and only by a call that may wake it and fails', () => {
  verifies('restart:soak');
  const wake = begun();
  wake.pass(2_500);
  wake.fails(() => wake.session.engineKilled());
  assert.equal(wake.wrongWith('second', ['two']), undefined);

  const awake = begun();
  awake.pass(1_500);
  awake.fails(() => awake.session.engineKilled());
  assert.match(awake.wrongWith('second', ['two']) ?? '', /was lost/);

  const asleep = begun();
  asleep.pass(60_000);
  asleep.session.engineKilled();
  asleep.fails();
  assert.match(asleep.wrongWith('second', ['two']) ?? '', /was lost/);

  const answered = begun();
  answered.pass(60_000);
  answered.session.begin();
  answered.session.engineKilled();
  answered.session.finish(true);
  assert.match(answered.wrongWith('second', ['two']) ?? '', /was lost/);

  const ofRunc = begun({ ...rested, sleepsAfterMs: undefined });
  ofRunc.pass(60_000);
  ofRunc.fails(() => ofRunc.session.engineKilled());
  assert.match(ofRunc.wrongWith('second', ['two']) ?? '', /was lost/);
});
