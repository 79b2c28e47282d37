import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { systemClock } from '../../../../shared/clock.ts';
import { systemRandom } from '../../../../shared/ids.ts';
import { hostDisk } from '../../../host-disk.ts';
import type { DiskPoolOptions } from '../disk-pool-options.ts';
import { attachedLoops, mountPoints } from '../kernel-disks.ts';

export const mebibyte = 1024 * 1024;
/** Of a disk in these tests. */
export const sizeBytes = 32 * mebibyte;

/** Of a pool of small disks in this folder, which keeps one ready. */
export function poolOptions(dir: string): DiskPoolOptions {
  return {
    dir,
    sizeBytes,
    poolSize: 1,
    host: hostDisk(dir, mebibyte),
    clock: systemClock,
    random: systemRandom,
    log: { warn: () => {} },
  };
}

export async function assertNothingIsLeft(dir: string): Promise<void> {
  const left = [readdirSync(dir), await mountPoints(dir), await attachedLoops(dir)];
  assert.deepEqual(left, [[], [], []]);
}

export function assertNeitherDevicesNorSetUserId(name: string): void {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  assert.match(mounts.find((line) => line.includes(name)) ?? '', /nosuid,nodev/);
}

/** Throws `ENOSPC` when the disk is full before that. */
export function fill(path: string, bytes: number): void {
  const file = openSync(path, 'w');
  try {
    for (let written = 0; written < bytes;) written += writeSync(file, Buffer.alloc(mebibyte, 1));
  } finally {
    closeSync(file);
  }
}
