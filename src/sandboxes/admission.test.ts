import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Clock } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';
import type { AdmissionOptions, AdmissionPass } from './admission.ts';
import { roomyGate } from './testing/roomy-gate.ts';
import { verifies } from '../../test/requirements.ts';

const gibibyte = 2 ** 30;

describe('admission gate', () => {
  it('lets as many starts in as are allowed, and the next one when one of them is done', async () => {
    verifies('sandboxes:admission-in-flight');
    const { gate } = makeGate({ startsInFlight: 2 });
    const first = await gate.enter('a');
    await gate.enter('a');
    const third = watch(gate.enter('a'));
    await settle();
    assert.equal(third.pass, undefined);

    first.release();
    first.release();
    await settle();

    assert.notEqual(third.pass, undefined);
    assert.equal(gate.inFlight, 2);
  });

  it('gives owners their turn one after the other, however many calls one of them has', async () => {
    verifies('bursts:fair');
    const { gate } = makeGate({ startsInFlight: 1 });
    const order: string[] = [];
    const holder = await gate.enter('z');
    const entered = ['a1', 'a2', 'a3', 'b1'].map(async (name) => {
      using _pass = await gate.enter(name.slice(0, 1));
      order.push(name);
    });

    holder.release();
    await Promise.all(entered);

    assert.deepEqual(order, ['a1', 'b1', 'a2', 'a3']);
  });

  it('refuses with `throttled` when the queue is full', async () => {
    verifies('sandboxes:admission-queue', 'bursts:queue');
    const { gate } = makeGate({ startsInFlight: 1, queueLimit: 1 });
    await gate.enter('a');
    void gate.enter('a');

    await assert.rejects(gate.enter('a'), isThrottled);
    assert.equal(gate.waiting, 1);
  });

  it('starts nothing into the memory reserve, and goes on when memory is back', async () => {
    verifies('sandboxes:admission-memory');
    const machine = { freeBytes: gibibyte };
    const { gate, advance } = makeGate({
      memoryReserveBytes: 2 * gibibyte,
      availableMemoryBytes: () => Promise.resolve(machine.freeBytes),
    });
    const entering = watch(gate.enter('a'));
    await settle();
    assert.equal(entering.pass, undefined);

    machine.freeBytes = 3 * gibibyte;
    advance(500);
    await settle();

    assert.notEqual(entering.pass, undefined);
  });

  it('says that memory was short when the wait was too long', async () => {
    const { gate, advance } = makeGate({
      memoryReserveBytes: gibibyte,
      availableMemoryBytes: () => Promise.resolve(0),
      maxWaitMs: 10_000,
    });
    const entering = gate.enter('a');
    await settle();

    advance(10_000);

    await assert.rejects(entering, /short of memory/);
    assert.equal(gate.waiting, 0);
  });

  it('forgets a call that is aborted while it waits', async () => {
    const { gate } = makeGate({ startsInFlight: 1 });
    const holder = await gate.enter('a');
    const gone = new AbortController();
    const aborted = gate.enter('a', gone.signal);
    const patient = watch(gate.enter('a'));

    gone.abort(new Error('caller left'));
    await assert.rejects(aborted, /caller left/);
    holder.release();
    await settle();

    assert.notEqual(patient.pass, undefined);
  });

  it('counts what the starts under way are expected to take, by what their owners had', async () => {
    verifies('bursts:memory', 'bursts:fair');
    const { gate, advance } = makeGate({
      memoryReserveBytes: gibibyte,
      availableMemoryBytes: () => Promise.resolve(4 * gibibyte),
      expectedMemoryBytes: (owner) => (owner === 'large' ? 2 * gibibyte : gibibyte / 4),
      maxWaitMs: 10_000,
    });
    const first = await gate.enter('large');
    const second = watch(gate.enter('large'));
    // An owner that needs less does not wait for one whose next sandbox does not fit.
    const small = watch(gate.enter('small'));
    await settle();
    assert.equal(second.pass, undefined);
    assert.notEqual(small.pass, undefined);
    assert.equal(gate.inFlight, 2);
    const third = watch(gate.enter('large'));
    first.release();
    await settle();
    // Passed over it has kept its turn.
    assert.notEqual(second.pass, undefined);
    advance(10_000);
    await settle();
    assert.match(String(third.failure), /short of memory/);
  });

  it('tells of a shortage, so that somebody gives something up', async () => {
    verifies('bursts:memory', 'warm-pool:gives-way');
    const machine = { freeBytes: 0, shortages: 0 };
    const { gate, advance } = makeGate({
      availableMemoryBytes: () => Promise.resolve(machine.freeBytes),
      onShortage: () => {
        machine.shortages += 1;
        machine.freeBytes = gibibyte;
      },
    });
    const entering = watch(gate.enter('a'));
    await settle();
    assert.equal(machine.shortages, 1);
    advance(500);
    await settle();
    assert.notEqual(entering.pass, undefined);
  });

  it('starts nothing when the machine has hardly any processes left', async () => {
    verifies('bursts:processes');
    const machine = { tasks: 1_010 };
    const { gate, advance } = makeGate({
      availableTasks: () => Promise.resolve(machine.tasks),
      maxWaitMs: 10_000,
    });
    const refused = assert.rejects(gate.enter('a'), /short of processes/);
    await settle();
    advance(10_000);
    await refused;
    machine.tasks = 2_000;
    await gate.enter('a');
  });

  it('makes nothing ahead while somebody waits, with more than half of the places, or with the last memory', async () => {
    verifies('warm-pool:no-stampede');
    const machine = { freeBytes: 8 * gibibyte };
    const { gate, advance } = makeGate({
      memoryReserveBytes: gibibyte,
      availableMemoryBytes: () => Promise.resolve(machine.freeBytes),
    });
    const ahead = Array.from({ length: 3 }, () => watch(gate.enter('pool', undefined, { isAhead: true })));
    await settle();
    assert.equal(ahead.filter(({ pass }) => pass !== undefined).length, 2);
    assert.equal(gate.waiting, 0);
    const calls = Array.from({ length: 3 }, () => watch(gate.enter('a')));
    await settle();
    assert.equal(calls.filter(({ pass }) => pass !== undefined).length, 2);

    ahead[0]?.pass?.release();
    await settle();
    assert.notEqual(calls[2]?.pass, undefined);
    machine.freeBytes = 1.4 * gibibyte;
    for (const { pass } of calls) pass?.release();
    ahead[1]?.pass?.release();
    await settle();
    assert.equal(ahead[2]?.pass, undefined);
    machine.freeBytes = 2 * gibibyte;
    advance(500);
    await settle();
    assert.notEqual(ahead[2]?.pass, undefined);
  });

  it('lets in fewer when starts take much longer than they used to', async () => {
    verifies('bursts:adaptive');
    const { gate, advance } = makeGate({ startsInFlight: 4, cpus: 4 });
    const start = async (tookMs: number) => {
      const pass = await gate.enter('a');
      advance(tookMs);
      pass.succeed();
    };
    assert.equal(gate.limit, 4);
    await start(100);
    for (let slow = 0; slow < 5; slow += 1) await start(10_000);
    assert.ok(gate.limit < 4);
    const passes = Array.from({ length: 4 }, () => watch(gate.enter('a')));
    await settle();
    assert.equal(passes.filter(({ pass }) => pass !== undefined).length, gate.limit);
  });

  it('learns from a start that gave its place up before it was over', async () => {
    verifies('bursts:adaptive');
    const { gate, advance } = makeGate({ startsInFlight: 4, cpus: 4 });
    const start = async (tookMs: number) => {
      const pass = await gate.enter('a');
      advance(tookMs / 2);
      pass.release();
      advance(tookMs / 2);
      pass.succeed();
    };
    await start(100);
    for (let slow = 0; slow < 5; slow += 1) await start(10_000);
    assert.ok(gate.limit < 4);
    assert.equal(gate.inFlight, 0);
  });

  it('says who waits', async () => {
    verifies('bursts:top');
    const { gate } = makeGate({ startsInFlight: 1 });
    await gate.enter('a');
    for (const owner of ['a', 'b', 'b']) void gate.enter(owner);
    assert.deepEqual(
      [...gate.waitingByOwner()],
      [
        ['a', 1],
        ['b', 2],
      ],
    );
  });

  it('passes on a memory probe that fails, to the call that needed it', async () => {
    const { gate } = makeGate({ availableMemoryBytes: () => Promise.reject(new Error('no /proc')) });

    await assert.rejects(gate.enter('a'), /no \/proc/);
    assert.equal(gate.inFlight, 0);
  });
});

function makeGate(options: Partial<AdmissionOptions>) {
  let now = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  const clock: Clock = {
    now: () => now,
    after(delayMs, run) {
      const timer = { at: now + delayMs, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  };
  const gate = roomyGate({
    clock,
    startsInFlight: 4,
    cpus: 4,
    expectedMemoryBytes: () => 64 * 2 ** 20,
    ...options,
  });
  const advance = (ms: number) => {
    now += ms;
    for (const timer of timers) if (timer.at <= now && timers.delete(timer)) timer.run();
  };
  return { gate, advance };
}

interface Watched {
  pass: AdmissionPass | undefined;
  failure: unknown;
}

function watch(entering: Promise<AdmissionPass>): Watched {
  const watched: Watched = { pass: undefined, failure: undefined };
  entering.then(
    (pass) => (watched.pass = pass),
    (error: unknown) => (watched.failure = error),
  );
  return watched;
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isThrottled(error: unknown): boolean {
  return error instanceof BerthError && error.code === 'throttled';
}
