import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { systemRandom } from '../shared/ids.ts';
import { openDatabase, type Database } from './database.ts';
import { JobQueue } from './job-queue.ts';
import { FakeClock } from '../../test/fakes/fake-clock.ts';

let database: Database;
let clock: FakeClock;
let failures: { attempt: number; retryInMs: number }[];

beforeEach(async () => {
  database = await openDatabase(':memory:');
  clock = new FakeClock();
  failures = [];
});
afterEach(() => database.destroy());

test('a job runs once, with what it was given, and is then forgotten', async () => {
  verifies('control:jobs-are-durable');
  await using queue = newQueue();
  const seen: unknown[] = [];
  queue.handle('greet', async (payload) => void seen.push(payload));
  queue.start();
  await queue.enqueue(database, { kind: 'greet', payload: { name: 'Ada' } });
  queue.wake();
  await queue.settled();
  assert.deepEqual(seen, [{ name: 'Ada' }]);
  assert.deepEqual(await jobs(), []);
});

test('a job of a transaction that is undone never runs', async () => {
  await using queue = newQueue();
  const run = test.mock.fn(async () => {});
  queue.handle('greet', run);
  queue.start();
  const undone = database.transaction().execute(async (transaction) => {
    await queue.enqueue(transaction, { kind: 'greet', payload: {} });
    throw new Error('undo');
  });
  await assert.rejects(undone, /undo/);
  queue.wake();
  await queue.settled();
  assert.equal(run.mock.callCount(), 0);
});

test('a job that fails is tried again after growing pauses', async () => {
  await using queue = newQueue();
  const attempts: number[] = [];
  queue.handle('flaky', async (_, { attempt }) => {
    attempts.push(attempt);
    if (attempt < 4) throw new Error('not yet');
  });
  queue.start();
  await queue.enqueue(database, { kind: 'flaky', payload: {} });
  queue.wake();
  for (const pauseMs of [1_000, 2_000, 4_000]) {
    await queue.settled();
    await clock.advance(pauseMs);
  }
  await queue.settled();
  assert.deepEqual(attempts, [1, 2, 3, 4]);
  assert.deepEqual(
    failures.map((failure) => failure.retryInMs),
    [1_000, 2_000, 4_000],
  );
});

test('a job that asks to be run later is, and starts counting anew', async () => {
  await using queue = newQueue();
  const attempts: number[] = [];
  queue.handle('patient', async (_, { attempt }) => {
    attempts.push(attempt);
    return attempts.length === 1 ? { againInMs: 60_000 } : undefined;
  });
  queue.start();
  await queue.enqueue(database, { kind: 'patient', payload: {} });
  queue.wake();
  await queue.settled();
  await clock.advance(60_000);
  await queue.settled();
  assert.deepEqual(attempts, [1, 1]);
});

test('no more jobs of a kind run at once than allowed, the rest follows, and other kinds do not wait', async () => {
  verifies('control:jobs-apart');
  await using queue = newQueue();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: full, resolve: isFull } = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  let done = 0;
  queue.handle(
    'slow',
    async () => {
      running += 1;
      most = Math.max(most, running);
      if (running === 2) isFull();
      await released;
      running -= 1;
      done += 1;
    },
    2,
  );
  const quick = Promise.withResolvers<void>();
  queue.handle('quick', async () => quick.resolve());
  queue.start();
  for (let index = 0; index < 5; index += 1) await queue.enqueue(database, { kind: 'slow', payload: {} });
  await queue.enqueue(database, { kind: 'quick', payload: {} });
  queue.wake();
  await full;
  await quick.promise;
  release();
  await queue.settled();
  assert.deepEqual({ most, done }, { most: 2, done: 5 });
});

test('what a killed server had begun runs again as soon as it is back', async () => {
  verifies('control:jobs-are-durable');
  const killed = newQueue();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  killed.handle('work', () => {
    begin();
    return new Promise(() => {});
  });
  killed.start();
  await killed.enqueue(database, { kind: 'work', payload: {} });
  killed.wake();
  await begun;

  await using restarted = newQueue();
  const run = test.mock.fn(async () => {});
  restarted.handle('work', run);
  restarted.start();
  await restarted.settled();
  assert.equal(run.mock.callCount(), 1);
});

test('a queue whose database does not answer when it starts begins when it does', async () => {
  verifies('restart:in-charge');
  let stalls = 0;
  await using queue = newQueue({ onStall: () => (stalls += 1) });
  const run = test.mock.fn(async () => {});
  queue.handle('work', run);
  await queue.enqueue(database, { kind: 'work', payload: {} });
  const leftBehind = { lease_holder: 'a', lease_expires_at: clock.now() + 60_000 };
  await database.updateTable('jobs').set(leftBehind).execute();
  await database.schema.alterTable('jobs').renameTo('unreadable').execute();
  queue.start();
  await queue.settled();
  assert.equal(stalls, 1);
  await database.schema.alterTable('unreadable').renameTo('jobs').execute();
  await clock.advance(5_000);
  await queue.settled();
  assert.equal(run.mock.callCount(), 1);
});

test('another server takes a job over only when its lease has run out', async () => {
  const first = newQueue();
  first.handle('work', () => new Promise(() => {}));
  first.start();
  await first.enqueue(database, { kind: 'work', payload: {} });
  first.wake();
  await leaseOf('a');
  const frozen = new FakeClock();
  await using second = newQueue({ holder: 'b', clock: frozen });
  const run = test.mock.fn(async () => {});
  second.handle('work', run);
  second.start();
  await second.settled();
  assert.equal(run.mock.callCount(), 0);

  await frozen.advance(60_001);
  await second.settled();
  assert.equal(run.mock.callCount(), 1);
});

test('a lease is renewed for as long as its job runs', async () => {
  await using queue = newQueue();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  queue.handle('long', () => released);
  queue.start();
  await queue.enqueue(database, { kind: 'long', payload: {} });
  queue.wake();
  const before = await leaseOf('a');
  await clock.advance(20_000);
  assert.equal(await leaseOf('a'), before + 20_000);
  release();
});

test('a closing queue aborts its jobs and puts them back as if they had not begun', async () => {
  const queue = newQueue();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  queue.handle('work', async (_, { signal }) => {
    begin();
    await new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  });
  queue.start();
  await queue.enqueue(database, { kind: 'work', payload: {} });
  queue.wake();
  await begun;
  await queue[Symbol.asyncDispose]();
  const [job] = await jobs();
  assert.deepEqual({ attempts: job?.attempts, holder: job?.lease_holder }, { attempts: 0, holder: null });
  assert.deepEqual(failures, []);
});

function newQueue({
  onStall = (error) => assert.fail(String(error)),
  ...changes
}: { holder?: string; clock?: FakeClock; onStall?: (error: unknown) => void } = {}): JobQueue {
  return new JobQueue({
    database,
    clock,
    random: systemRandom,
    holder: 'a',
    events: {
      jobFailed: (failure) => failures.push(failure),
      jobQueueStalled: onStall,
    },
    ...changes,
  });
}

function jobs() {
  return database.selectFrom('jobs').selectAll().execute();
}

/** Waits until `holder` has the only job. */
async function leaseOf(holder: string): Promise<number> {
  for (;;) {
    const [job] = await jobs();
    if (job?.lease_holder === holder) return job.lease_expires_at;
  }
}
