import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Clock } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';
import type { AdmissionOptions, AdmissionPass } from './admission.ts';
import { createAdmissionGate } from './admission.ts';
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
    verifies('sandboxes:admission-queue');
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
  const gate = createAdmissionGate({
    startsInFlight: 4,
    queueLimit: 10,
    memoryReserveBytes: 0,
    availableMemoryBytes: () => Promise.resolve(64 * gibibyte),
    clock,
    maxWaitMs: 60_000,
    ...options,
  });
  const advance = (ms: number) => {
    now += ms;
    for (const timer of timers) if (timer.at <= now && timers.delete(timer)) timer.run();
  };
  return { gate, advance };
}

function watch(entering: Promise<AdmissionPass>): { pass: AdmissionPass | undefined } {
  const watched: { pass: AdmissionPass | undefined } = { pass: undefined };
  void entering.then((pass) => (watched.pass = pass));
  return watched;
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isThrottled(error: unknown): boolean {
  return error instanceof BerthError && error.code === 'throttled';
}
