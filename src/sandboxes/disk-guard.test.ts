import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { verifies } from '../../test/requirements.ts';
import type { SandboxId } from '../shared/ids.ts';
import { DiskGuard } from './disk-guard.ts';

const gib = 2 ** 30;

test('when the disk is nearly full, sandboxes without a session go first, then the one that takes the most', async () => {
  verifies('warm-pool:gives-way');
  const clock = new FakeClock();
  const host = { freeBytes: 2 * gib, unused: 3 };
  const usage = new Map([
    ['sb-small' as SandboxId, { layerBytes: gib / 4, storageBytes: 9 * gib }],
    ['sb-large' as SandboxId, { layerBytes: 4 * gib, storageBytes: 0 }],
  ]);
  const evicted: SandboxId[] = [];
  await using _ = new DiskGuard({
    disk: { path: '/', reserveBytes: gib, freeBytes: async () => host.freeBytes },
    driver: { diskUsage: async () => usage },
    storageBytes: async () => 0,
    giveUpUnused: async () => {
      const given = host.unused;
      host.freeBytes += given * 2 ** 20;
      host.unused = 0;
      return given;
    },
    giveUpHibernated: async () => false,
    evict: async (id) => {
      assert.equal(host.unused, 0);
      evicted.push(id);
      host.freeBytes += usage.get(id)?.layerBytes ?? 0;
      usage.delete(id);
    },
    isInCharge: () => true,
    clock,
    log: { warn: () => {} },
  });
  await clock.advance(5_000);
  assert.deepEqual([host.unused, evicted], [3, []]);

  host.freeBytes = gib / 2 - 2 * 2 ** 20;
  await clock.advance(1_000);
  assert.deepEqual([host.unused, evicted], [0, []]);

  host.freeBytes = gib / 4;
  await clock.advance(1_000);
  assert.deepEqual(evicted, ['sb-large']);
});

test('on a full host hibernated sessions are given up before any sandbox is ended, and then the largest', async () => {
  verifies('hibernation:disk');
  const clock = new FakeClock();
  const gone: string[] = [];
  let freeBytes = 100;
  const hibernated = ['old', 'new'];
  const usage = new Map([['sb-large' as SandboxId, { layerBytes: gib, storageBytes: 0 }]]);
  await using _guard = new DiskGuard({
    disk: { path: '/', reserveBytes: 1_000, freeBytes: async () => freeBytes },
    driver: { diskUsage: async () => usage },
    storageBytes: async () => 0,
    evict: async (id) => {
      gone.push(id);
      freeBytes = 10_000;
    },
    giveUpUnused: async () => 0,
    giveUpHibernated: async () => {
      const oldest = hibernated.shift();
      if (oldest !== undefined) gone.push(oldest);
      return oldest !== undefined;
    },
    isInCharge: () => true,
    clock,
    log: { warn: () => {} },
  });
  await clock.advance(1_000);
  assert.deepEqual(gone, ['old', 'new', 'sb-large']);
});

/** A full host with one large sandbox that ends for nobody; counts how often anybody looks. */
function hopelessHost(isInCharge: boolean) {
  const clock = new FakeClock();
  const seen = { looks: 0, evicted: 0 };
  const guard = new DiskGuard({
    disk: {
      path: '/',
      reserveBytes: gib,
      async freeBytes() {
        seen.looks += 1;
        // Without an end to it the test would never come back.
        if (seen.looks > 100) throw new Error('It spins.');
        return 0;
      },
    },
    driver: {
      diskUsage: async () => new Map([['sb-large' as SandboxId, { layerBytes: gib, storageBytes: 0 }]]),
    },
    storageBytes: async () => 0,
    evict: async () => void (seen.evicted += 1),
    giveUpUnused: async () => 0,
    giveUpHibernated: async () => false,
    isInCharge: () => isInCharge,
    clock,
    log: { warn: () => {} },
  });
  return { clock, seen, guard };
}

test('on a full host nothing is ended, and nothing spins, while another server is in charge', async () => {
  verifies('restart:one-decides');
  const { clock, seen, guard } = hopelessHost(false);
  await using _ = guard;
  await clock.advance(3_000);
  assert.deepEqual(seen, { looks: 0, evicted: 0 });
});

test('a sandbox that does not end is tried once for each look', async () => {
  verifies('sandboxes:disk-pressure');
  const { clock, seen, guard } = hopelessHost(true);
  await using _ = guard;
  await clock.advance(3_000);
  assert.deepEqual(seen, { looks: 6, evicted: 3 });
});

test('storage of sessions frees nothing: only a session that goes on filling its own is ended, and operators are told once', async () => {
  verifies('session-storage:full-host');
  const clock = new FakeClock();
  const host = { freeBytes: gib / 4 };
  const [idle, busy] = ['sb-idle' as SandboxId, 'sb-busy' as SandboxId];
  const usage = new Map([
    [idle, { layerBytes: 2 ** 20, storageBytes: 5 * gib }],
    [busy, { layerBytes: 2 ** 20, storageBytes: gib / 10 }],
  ]);
  const evicted: SandboxId[] = [];
  const warnings: object[] = [];
  await using _guard = new DiskGuard({
    disk: { path: '/', reserveBytes: gib, freeBytes: async () => host.freeBytes },
    driver: { diskUsage: async () => usage },
    storageBytes: async () => 7 * gib,
    evict: async (id) => {
      evicted.push(id);
      usage.delete(id);
    },
    giveUpUnused: async () => 0,
    giveUpHibernated: async () => false,
    isInCharge: () => true,
    clock,
    log: { warn: (fields, message) => void (/does not help/.test(message) && warnings.push(fields)) },
  });

  await clock.advance(3_000);
  assert.deepEqual([evicted, warnings], [[], [{ freeBytes: gib / 4, sessionStorageBytes: 7 * gib }]]);

  usage.set(busy, { layerBytes: 2 ** 20, storageBytes: gib / 5 });
  await clock.advance(2_000);
  assert.deepEqual([evicted, warnings.length], [[busy], 1]);

  host.freeBytes = gib;
  await clock.advance(1_000);
  host.freeBytes = gib / 4;
  await clock.advance(1_000);
  assert.deepEqual([evicted, warnings.length], [[busy], 2]);
});

test('when the fastest writer of storage is ended, slower ones are measured anew from there', async () => {
  verifies('session-storage:full-host');
  const clock = new FakeClock();
  const [fast, slow] = ['sb-fast' as SandboxId, 'sb-slow' as SandboxId];
  const usage = new Map([
    [fast, { layerBytes: 0, storageBytes: gib }],
    [slow, { layerBytes: 0, storageBytes: gib }],
  ]);
  const write = (id: SandboxId, bytes: number) => {
    const { storageBytes } = usage.get(id) ?? { storageBytes: 0 };
    usage.set(id, { layerBytes: 0, storageBytes: storageBytes + bytes });
  };
  const evicted: SandboxId[] = [];
  await using _guard = new DiskGuard({
    disk: { path: '/', reserveBytes: gib, freeBytes: async () => gib / 4 },
    driver: { diskUsage: async () => new Map(usage) },
    storageBytes: async () => 2 * gib,
    evict: async (id) => {
      evicted.push(id);
      usage.delete(id);
      // Its grace is 15 seconds: even who writes little has written much by its end.
      write(slow, 8 * 2 ** 20);
    },
    giveUpUnused: async () => 0,
    giveUpHibernated: async () => false,
    isInCharge: () => true,
    clock,
    log: { warn: () => {} },
  });
  await clock.advance(1_000);
  write(fast, 100 * 2 ** 20);
  write(slow, 2 * 2 ** 20);

  await clock.advance(1_000);
  assert.deepEqual(evicted, [fast]);
  write(slow, 2 ** 19);
  await clock.advance(1_000);
  assert.deepEqual(evicted, [fast]);
  write(slow, 2 ** 21);
  await clock.advance(1_000);
  assert.deepEqual(evicted, [fast, slow]);
});
