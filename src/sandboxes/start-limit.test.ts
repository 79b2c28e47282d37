import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { StartLimit } from './start-limit.ts';

/** Starts as many as are let in, again and again, each of which takes as long as `tookMs` says. */
function run(limit: StartLimit, rounds: number, tookMs: (inFlight: number) => number): void {
  for (let round = 0; round < rounds; round += 1) {
    const inFlight = limit.current;
    for (let at = 1; at <= inFlight; at += 1) limit.learn({ owner: 'a', tookMs: tookMs(at), inFlight: at });
  }
}

test('grows to its maximum while starts only share the processors', () => {
  verifies('bursts:adaptive');
  const limit = new StartLimit({ maximum: 8, cpus: 2 });
  assert.equal(limit.current, 2);
  run(limit, 50, (inFlight) => 100 * Math.max(1, inFlight / 2));
  assert.equal(limit.current, 8);
});

test('falls to one when starts take much longer than that, and recovers', () => {
  verifies('bursts:adaptive');
  const limit = new StartLimit({ maximum: 8, cpus: 2 });
  run(limit, 50, (inFlight) => 100 * Math.max(1, inFlight / 2));
  run(limit, 10, () => 5_000);
  assert.equal(limit.current, 1);
  run(limit, 100, (inFlight) => 100 * Math.max(1, inFlight / 2));
  assert.equal(limit.current, 8);
});

test('compares an owner with itself: slow agents are no crowd', () => {
  verifies('bursts:adaptive');
  const limit = new StartLimit({ maximum: 4, cpus: 4 });
  for (let start = 0; start < 50; start += 1) {
    limit.learn({ owner: 'quick', tookMs: 50, inFlight: 4 });
    limit.learn({ owner: 'slow', tookMs: 20_000, inFlight: 4 });
  }
  assert.equal(limit.current, 4);
});

test('an agent that has become slower for good is not held against the machine for ever', () => {
  verifies('bursts:adaptive');
  const limit = new StartLimit({ maximum: 4, cpus: 2 });
  run(limit, 20, () => 100);
  run(limit, 20, () => 400);
  assert.equal(limit.current, 1);
  run(limit, 400, () => 400);
  assert.equal(limit.current, 4);
});
