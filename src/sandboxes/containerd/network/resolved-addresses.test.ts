import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../../test/fakes/fake-clock.ts';
import { verifies } from '../../../../test/requirements.ts';
import {
  createResolvedAddresses,
  mostResolvedAddresses,
  type ResolvedAddress,
} from './resolved-addresses.ts';

const clock = new FakeClock();

test('a sandbox that would have too many open has none of the new ones, and others have theirs', () => {
  verifies('network:dns-fair');
  const resolved = createResolvedAddresses({ clock });
  const before = addresses('10.0.0.2', 1, mostResolvedAddresses - 1);
  resolved.note(before);

  assert.equal(resolved.note(addresses('10.0.0.2', 5_001, 2)), undefined);
  assert.equal(resolved.note(addresses('10.0.0.3', 1, 2))?.fresh.length, 2);
  assert.equal(resolved.live().length, before.length + 2);
  assert.equal(resolved.note(addresses('10.0.0.2', 5_001, 1))?.fresh.length, 1);
});

test('what the firewall did not take is as if it had not been noted, and what it has still counts', () => {
  verifies('network:dns-fair');
  const resolved = createResolvedAddresses({ clock });
  const [old] = addresses('10.0.0.2', 1, 1, 1_000);
  assert.ok(old);
  resolved.note([old]);

  const told = resolved.note(addresses('10.0.0.2', 1, 2, 60_000));
  assert.deepEqual([told?.fresh.length, told?.renewed.length], [1, 1]);
  told?.undo();

  assert.deepEqual(resolved.live(), [old]);
});

function addresses(source: string, first: number, count: number, forMs = 60_000): readonly ResolvedAddress[] {
  return Array.from({ length: count }, (_, at) => ({
    source,
    target: `203.0.${Math.floor((first + at) / 256)}.${(first + at) % 256}`,
    port: undefined,
    expiresAtMs: clock.now() + forMs,
  }));
}
