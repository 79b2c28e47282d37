import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { verifies } from '../../../../test/requirements.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { VolumeId } from '../../../shared/ids.ts';
import type { DiskPoolOptions } from './disk-pool-options.ts';
import { attachedLoops, mountPoints } from './kernel-disks.ts';
import {
  assertNeitherDevicesNorSetUserId,
  assertNothingIsLeft,
  fill,
  mebibyte,
  poolOptions,
  sizeBytes,
} from './testing/pool-under-test.ts';
import { createVolumePool, type VolumePool } from './volume-pool.ts';

const owner = { uid: 1234, gid: 2345 };
let dir = '';
let pool: VolumePool;

describe('volume pool (engine)', () => {
  beforeEach(async () => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), 'berth-volumes-')));
    pool = await openPool();
  });
  afterEach(async () => {
    await pool[Symbol.asyncDispose]();
    const last = await openPool({ poolSize: 0 });
    await last.detachUnused(new Set());
    await last.sweep(new Set());
    await assertNothingIsLeft(dir);
    rmSync(dir, { recursive: true });
  });

  it('gives an empty folder of the user, with a journal, without devices and set-user-id', async () => {
    verifies('session-storage:owner');
    const volume = await pool.create(sizeBytes);

    const folder = await pool.attach(volume, owner);

    assert.deepEqual(readdirSync(folder), []);
    const { uid, gid } = statSync(folder);
    assert.deepEqual({ uid, gid }, owner);
    assertNeitherDevicesNorSetUserId(volume);
    assert.match(
      execFileSync('dumpe2fs', ['-h', imageOf(volume)], { stdio: 'pipe' }).toString(),
      /has_journal/,
    );
    await pool.detach(volume);
  });

  it('keeps files when it is mounted again, whoever its user is then', async () => {
    verifies('session-storage:comes-back');
    const volume = await pool.create(sizeBytes);
    writeFileSync(join(await pool.attach(volume, owner), 'note'), 'mine');
    await pool.detach(volume);
    assert.deepEqual(await mountPoints(dir), []);

    const folder = await pool.attach(volume, { uid: 0, gid: 0 });

    assert.equal(readFileSync(join(folder, 'note'), 'utf8'), 'mine');
    assert.equal(statSync(folder).uid, owner.uid);
    await pool.detach(volume);
  });

  it('is full at its own size; another one and the host go on', async () => {
    verifies('session-storage:limit');
    const [full, other] = [await pool.create(sizeBytes), await pool.create(sizeBytes)];
    const folders = [await pool.attach(full, owner), await pool.attach(other, owner)] as const;

    assert.throws(() => fill(join(folders[0], 'flood'), 2 * sizeBytes), { code: 'ENOSPC' });

    writeFileSync(join(folders[1], 'fine'), 'x');
    assert.ok((await pool.usedBytesOf(full)) <= sizeBytes);
    await Promise.all([pool.detach(full), pool.detach(other)]);
  });

  it('is not unmounted, deleted or swept while something uses it, and is the same file system when it is mounted again', async () => {
    verifies('session-storage:once');
    let shiftMs = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + shiftMs };
    const impatient = await openPool({ clock });
    const volume = await impatient.create(sizeBytes);
    const folder = await impatient.attach(volume, owner);
    const used = openSync(join(folder, 'open'), 'w');

    await assert.rejects(impatient.detach(volume), {
      code: 'unavailable',
      message: /cannot be unmounted/,
    });
    await assert.rejects(impatient.remove(volume), { code: 'unavailable', message: /in use by a sandbox/ });
    shiftMs = 10 * 60_000;
    assert.equal(await impatient.sweep(new Set()), 0);

    assert.equal(await impatient.attach(volume, owner), folder);
    assert.equal((await mountPoints(dir)).length, 1);
    assert.equal((await attachedLoops(dir)).length, 1);
    writeSync(used, 'whole');
    closeSync(used);
    await impatient.detach(volume);
    assert.equal(readFileSync(join(await impatient.attach(volume, owner), 'open'), 'utf8'), 'whole');
    await impatient.detach(volume);
  });

  it('finds after kill -9 what is mounted, keeps what has an owner, and removes the rest', async () => {
    verifies('session-storage:swept', 'session-storage:crash');
    const [live, idle, lost] = [
      await pool.create(sizeBytes),
      await pool.create(sizeBytes),
      await pool.create(sizeBytes),
    ];
    const folder = await pool.attach(live, owner);
    writeFileSync(join(folder, 'state'), 'kept');
    await pool.attach(lost, owner);

    const next = await openPool({ poolSize: 0 });
    assert.equal(await next.detachUnused(new Set([live])), 1);
    assert.ok((await next.sweep(new Set([live, idle]))) >= 1);

    assert.equal(await next.attach(live, owner), folder);
    assert.equal(readFileSync(join(folder, 'state'), 'utf8'), 'kept');
    assert.deepEqual([existsSync(imageOf(idle)), existsSync(imageOf(lost))], [true, false]);
    await next.detach(live);
  });

  it('leaves what was made a moment ago alone in a sweep that has not heard of it', async () => {
    const volume = await pool.create(sizeBytes);

    assert.equal(await pool.sweep(new Set()), 0);
    await pool.remove(volume);
    await pool.remove(volume);
  });

  it('says that a volume is gone or damaged instead of making an empty one', async () => {
    verifies('session-storage:crash');
    const volume = await pool.create(sizeBytes);
    truncateSync(imageOf(volume), mebibyte);

    await assert.rejects(pool.attach(volume, owner), { code: 'unavailable', message: /storage is damaged/ });
    rmSync(imageOf(volume));
    await assert.rejects(pool.attach(volume, owner), { code: 'unavailable', message: /storage is gone/ });
    await assert.rejects(pool.attach('../../etc' as VolumeId, owner), { code: 'internal' });
  });

  it('makes none into the reserve of the host, keeps those that are there, and says so', async () => {
    verifies('session-storage:full-host');
    const kept = await pool.create(sizeBytes);
    const host = { path: dir, reserveBytes: 100, freeBytes: async () => 99 };
    await using scarce = await openPool({ host });
    await assert.rejects(scarce.create(sizeBytes), {
      code: 'unavailable',
      message: /disk is full: .* storage of ended ones is kept for its time/,
    });
    assert.ok((await scarce.attach(kept, owner)).includes(kept));
    await scarce.detach(kept);
  });
});

function openPool(options: Partial<DiskPoolOptions> = {}): Promise<VolumePool> {
  return createVolumePool({ ...poolOptions(dir), ...options });
}

function imageOf(volume: VolumeId): string {
  return join(dir, `${volume}.ext4`);
}
