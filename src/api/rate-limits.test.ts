import assert from 'node:assert/strict';
import { it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { BerthError } from '../shared/errors.ts';
import { RateLimits } from './rate-limits.ts';

it('a rate allows its number per second, by key, and 0 allows everything', () => {
  verifies('wire:rate-quotas');
  let now = 0;
  const limits = new RateLimits({ clock: { now: () => now, after: () => () => {} } });
  const isThrottled = (error: unknown) => error instanceof BerthError && error.code === 'throttled';

  for (let call = 0; call < 5; call += 1) limits.take('a', 5);
  assert.throws(() => limits.take('a', 5), isThrottled);
  limits.take('b', 5);
  now += 200;
  limits.take('a', 5);
  assert.throws(() => limits.take('a', 5), isThrottled);
  limits.take('slow', 0.1);
  assert.throws(() => limits.take('slow', 0.1), isThrottled);
  for (let call = 0; call < 1000; call += 1) limits.take('off', 0);
});
