import assert from 'node:assert/strict';
import { echo, type FixtureOptions, type SessionsFixture, timelessFixture } from './sessions-fixture.ts';
import type { FakeClock } from '../../../test/fakes/fake-clock.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const keepMs = 72 * hour;

export type HibernatingFixture = SessionsFixture<FakeClock>;

/** Sessions of a runtime that has them hibernated. */
export async function hibernating(
  isolation = 'gvisor',
  changes: FixtureOptions<FakeClock>['changes'] = {},
): Promise<HibernatingFixture> {
  const fixture = timelessFixture({ changes });
  fixture.targets.options.set(echo, { isolation, hibernate: keepMs });
  await fixture.registry.recover();
  return fixture;
}

/** One call, then as much idleness as it takes. */
export async function asleep(fixture: HibernatingFixture, session = 's1') {
  const lease = await fixture.call(session);
  await fixture.clock.advance(16 * minute);
  assert.equal((await fixture.find(session))?.state, 'hibernated');
  return lease;
}
