import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { verifies } from '../../../../test/requirements.ts';
import { runCommand } from '../run-command.ts';
import type { DiskPoolOptions } from './disk-pool-options.ts';
import { createDiskPool, type DiskPool } from './disk-pool.ts';
import {
  assertNeitherDevicesNorSetUserId,
  assertNothingIsLeft,
  fill,
  mebibyte,
  poolOptions,
  sizeBytes,
} from './testing/pool-under-test.ts';

let dir = '';
let pool: DiskPool;

describe('disk pool (engine)', () => {
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'berth-disks-'));
    pool = await openPool();
  });
  afterEach(async () => {
    await pool[Symbol.asyncDispose]();
    const last = await openPool({ poolSize: 0 });
    await last.sweep(new Set());
    await assertNothingIsLeft(dir);
    rmSync(dir, { recursive: true });
  });

  it('gives an empty file system with upper and work folders, neither devices nor set-user-id on it', async () => {
    verifies('sandboxes:disk-prepared');
    const disk = await pool.claim(sizeBytes);

    assert.deepEqual(readdirSync(disk.upperDir), []);
    assert.equal(statSync(disk.upperDir).mode & 0o7777, 0o755);
    assert.equal(statSync(disk.upperDir).dev, statSync(disk.workDir).dev);
    assertNeitherDevicesNorSetUserId(disk.name);
    await pool.release(disk.name);
  });

  it('is full at its own size; a second disk and the host go on', async () => {
    verifies('sandboxes:disk-limit');
    const [disk, other] = [await pool.claim(sizeBytes), await pool.claim(sizeBytes)];

    assert.throws(() => fill(join(disk.upperDir, 'flood'), 2 * sizeBytes), { code: 'ENOSPC' });

    writeFileSync(join(other.upperDir, 'fine'), 'x');
    assert.ok(statSync(`${dir}/${disk.name}.ext4`).blocks * 512 <= sizeBytes);
    await Promise.all([pool.release(disk.name), pool.release(other.name)]);
  });

  it('takes room on the host only as it fills', async () => {
    verifies('sandboxes:disk-size');
    const tenGigabytes = 10_000_000_000;
    const disk = await pool.claim(tenGigabytes);
    const file = statSync(`${dir}/${disk.name}.ext4`);

    assert.ok(tenGigabytes - file.size < mebibyte);
    assert.ok(file.blocks * 512 < 4 * mebibyte);
    await pool.release(disk.name);
  });

  it('makes smaller disks when the host has less, and none into the reserve', async () => {
    verifies('sandboxes:disk-size', 'sandboxes:host-disk-full');
    const host = { freeBytes: 120 * mebibyte };
    const scarce = await openPool({
      poolSize: 0,
      host: { path: dir, reserveBytes: 100 * mebibyte, freeBytes: async () => host.freeBytes },
    });

    const small = await scarce.claim(sizeBytes);
    assert.equal(statSync(`${dir}/${small.name}.ext4`).size, 20 * mebibyte);
    host.freeBytes = 99 * mebibyte;

    await assert.rejects(scarce.claim(sizeBytes), {
      code: 'unavailable',
      message: /disk is full: 99 MiB are free/,
    });
    writeFileSync(join(small.upperDir, 'still'), 'works');
    await scarce.release(small.name);
  });

  it('gives 20 claims at once 20 disks, more than there are loop devices at first', async () => {
    const disks = await Promise.all(Array.from({ length: 20 }, () => pool.claim(sizeBytes)));

    assert.equal(new Set(disks.map((disk) => disk.upperDir)).size, 20);
    await Promise.all(disks.map((disk) => pool.release(disk.name)));
  });

  it('removes a disk that something still uses, as soon as that ends', async () => {
    const disk = await pool.claim(sizeBytes);
    const used = openSync(join(disk.upperDir, 'open'), 'w');

    await pool.release(disk.name);
    await pool.release(disk.name);

    assert.ok(!(await pool.list()).includes(disk.name));
    writeSync(used, 'the writer does not notice');
    closeSync(used);
  });

  it('finds after kill -9 what is in use and removes the rest', async () => {
    verifies('sandboxes:disk-prepared');
    const [live, lost, unmounted] = [
      await pool.claim(sizeBytes),
      await pool.claim(sizeBytes),
      await pool.claim(sizeBytes),
    ];
    writeFileSync(join(live.upperDir, 'state'), 'kept');
    await runCommand('umount', [`${dir}/${unmounted.name}`]);

    const next = await openPool({ poolSize: 0 });
    const repaired = await next.sweep(new Set([live.name]));

    // The pool's next disk, which it may just be making, is one of them.
    assert.ok(repaired.disks >= 2 && repaired.mounts >= 1, JSON.stringify(repaired));
    assert.deepEqual(await next.list(), [live.name]);
    assert.equal(readFileSync(join(live.upperDir, 'state'), 'utf8'), 'kept');
    assert.ok(!existsSync(lost.upperDir));
    await next.release(live.name);
  });

  it('leaves what it has just claimed alone in a sweep that has not heard of it', async () => {
    const disk = await pool.claim(sizeBytes);

    assert.deepEqual(await pool.sweep(new Set()), { disks: 0, mounts: 0 });
    await pool.release(disk.name);
  });

  it('rejects names that are not its own and claims that are aborted', async () => {
    await assert.rejects(pool.release('../../etc'), { code: 'internal' });
    await assert.rejects(pool.claim(sizeBytes, AbortSignal.abort(new Error('left'))), /left/);
  });
});

function openPool(options: Partial<DiskPoolOptions> = {}): Promise<DiskPool> {
  return createDiskPool({ ...poolOptions(dir), ...options });
}
