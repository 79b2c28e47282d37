import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { verifies } from '../../test/requirements.ts';
import { openUpkeep } from './open-upkeep.ts';

const hourMs = 3_600_000;
const nothing = { uploadsAborted: 0, manifestsRemoved: 0, blobsUnlinked: 0, digestsReleased: 0 };

function upkeep() {
  const clock = new FakeClock();
  const done: string[] = [];
  const collection = Promise.withResolvers<void>();
  const charge = { isHeld: true };
  const subject = openUpkeep({
    // No disk is as full.
    config: { home: tmpdir(), imageStore: { high: 101, low: 100 } },
    collector: {
      async collect() {
        done.push('collect');
        await collection.promise;
        return nothing;
      },
    },
    unpacked: { giveUpOldest: async () => false },
    reclaim: async () => {},
    logs: { prune: async () => done.push('prune') },
    keepBallast: async () => done.push('ballast'),
    isInCharge: () => charge.isHeld,
    events: { imageDiskCollected: () => {} },
    clock,
    log: { warn: () => {} },
  });
  return { subject, clock, done, collection, charge };
}

test('what is running when another server is to take charge is waited for, and nothing else is begun', async () => {
  verifies('restart:one-decides');
  const { subject, clock, done, collection, charge } = upkeep();
  await clock.advance(hourMs);
  assert.deepEqual(done, ['collect']);
  charge.isHeld = false;
  let isSettled = false;
  const settled = subject.settled().then(() => (isSettled = true));
  await clock.settle();
  assert.equal(isSettled, false);
  collection.resolve();
  await settled;
  await clock.advance(2 * hourMs);
  assert.deepEqual(done, ['collect']);
  await subject[Symbol.asyncDispose]();
});

test('a server whose handover failed goes on with what is due', async () => {
  verifies('restart:taken-up-again');
  const { subject, clock, done, collection, charge } = upkeep();
  collection.resolve();
  charge.isHeld = false;
  await clock.advance(hourMs);
  await subject.settled();
  assert.deepEqual(done, []);
  charge.isHeld = true;
  await clock.advance(hourMs);
  assert.deepEqual(done, ['collect', 'prune', 'ballast']);
  await subject[Symbol.asyncDispose]();
});
