import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { Predecessor } from '../handover/predecessor.ts';
import { channelPair } from '../handover/testing/channel-pair.ts';
import { timelessFixture } from '../sessions/testing/sessions-fixture.ts';
import { openHandover } from './open-handover.ts';

/** A server around the fixture's sessions, of which `failing` do what they say and then throw. */
function servedBy(fixture: ReturnType<typeof timelessFixture>, failing: readonly string[] = []) {
  const done: string[] = [];
  const errors: string[] = [];
  const does = (name: string) => async () => {
    done.push(name);
    if (failing.includes(name)) throw new Error(`${name} failed.`);
  };
  const at = (name: string) => () => {
    done.push(name);
    if (failing.includes(name)) throw new Error(`${name} failed.`);
  };
  const { registry, clock, driver } = fixture;
  const handover = openHandover({
    config: { upgradeTimeoutMs: 1_000 },
    lock: { release: at('release lock'), take: at('take lock'), [Symbol.dispose]: () => {} },
    sandboxes: {
      pause: does('pause sandboxes'),
      resume: does('resume sandboxes'),
      abandon: at('abandon sandboxes'),
    },
    driver,
    sessions: registry,
    jobs: { pause: does('pause jobs'), start: does('start jobs'), wake: () => {} },
    runtimes: { changes: { onChange: () => () => {}, noteChange: () => {}, noteAll: () => {} } },
    upkeep: { settled: does('settle upkeep') },
    logs: { pause: does('pause logs'), resume: at('resume logs') },
    blobSource: { reclaim: does('reclaim blob source') },
    sockets: [],
    publicListener: { leave: async () => {}, stopAccepting: does('close public listener') },
    internalListeners: { leave: async () => {}, stopAccepting: does('close internal listeners') },
    predecessor: undefined,
    clock,
    log: { error: ({ error }) => void errors.push(String(error)) },
  });
  return { handover, done, errors };
}

/** The new process takes over, and dies before it serves. */
function diesLate() {
  const channels = channelPair();
  const predecessor = new Predecessor(channels.ofSuccessor);
  const died = predecessor.takeOver({ migrates: false }).then(() => channels.cut('It was killed.'));
  return { launch: () => channels.ofPredecessor, died };
}

const afterwards = [
  'take lock',
  'resume sandboxes',
  'reclaim blob source',
  'resume logs',
  'start jobs',
] as const;

test('when the new server dies late everything is taken up again', async () => {
  verifies('restart:failed-late');
  await using fixture = timelessFixture();
  const { handover, done, errors } = servedBy(fixture);
  const { launch } = diesLate();
  await assert.rejects(handover.handOver(launch), /It was killed/);
  const atRest = ['pause jobs', 'settle upkeep', 'pause sandboxes', 'pause logs', 'release lock'];
  assert.deepEqual(done, [...atRest, ...afterwards]);
  assert.deepEqual(errors, []);
  await fixture.call('new');
});

for (const failing of afterwards) {
  test(`when "${failing}" fails then, all else is taken up again, sessions start, and the log says it`, async () => {
    verifies('restart:taken-up-again');
    await using fixture = timelessFixture();
    const { handover, done, errors } = servedBy(fixture, [failing]);
    const { launch, died } = diesLate();
    const outcome = handover.handOver(launch);
    const waiting = died.then(() => fixture.call('new'));
    await assert.rejects(outcome, /It was killed/);
    assert.deepEqual(done.slice(-afterwards.length), afterwards);
    assert.deepEqual(errors, [`${failing} failed.`]);
    await waiting;
  });
}

test('a server that cannot come to rest goes on with all that it had paused', async () => {
  verifies('restart:taken-up-again');
  await using fixture = timelessFixture();
  const { handover, done } = servedBy(fixture, ['pause sandboxes']);
  await assert.rejects(handover.handOver(diesLate().launch), /pause sandboxes failed/);
  assert.deepEqual(done, ['pause jobs', 'settle upkeep', 'pause sandboxes', ...afterwards]);
  await fixture.call('new');
});

test('a server that has to end first leaves new connections to the next one, those of sandboxes too', async () => {
  verifies('restart:migration');
  await using fixture = timelessFixture();
  const { handover, done } = servedBy(fixture);
  const channels = channelPair();
  void new Predecessor(channels.ofSuccessor).takeOver({ migrates: true });
  assert.equal(await handover.handOver(() => channels.ofPredecessor), 'end-first');
  assert.deepEqual(done, ['close public listener', 'close internal listeners']);
});
