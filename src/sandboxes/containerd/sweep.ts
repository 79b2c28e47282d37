import { join } from 'node:path';
import { messageOf } from '../../shared/errors.ts';
import type { SandboxId } from '../../shared/ids.ts';
import type { SweepReport } from '../sandbox-driver.ts';
import { mountPoints } from './disks/kernel-disks.ts';
import { cgroupParent, cgroupPath, type DriverParts, sandboxOfMount } from './driver-parts.ts';
import { unpackingPrefix } from './images/unpacking-lease.ts';
import { viewPrefix } from './images/prepared-images.ts';
import { runCommand } from './run-command.ts';
import { fromContainer } from './sandbox-record.ts';
import { listShims, type Shim } from './shims.ts';

export interface SweepParts extends DriverParts {
  /** Sandboxes that are being started or removed at the moment: not yet, or no longer, anybody's to keep. */
  readonly inTransition: () => ReadonlySet<string>;
  readonly remove: (id: SandboxId) => Promise<void>;
  readonly viewDir: string;
  readonly viewsInUse: ReadonlySet<string>;
  readonly snapshotsInWork: ReadonlySet<string>;
  readonly currentLease: () => string | undefined;
  readonly sweepExecs: () => Promise<number>;
  readonly sweepMemory: (keep: ReadonlySet<string>) => Promise<number>;
  readonly sweepIdMaps: () => Promise<number>;
}

/** Removes what belongs to no sandbox of `keep`, containers first, so that what they held is free afterwards. */
export async function sweep(parts: SweepParts, keep: ReadonlySet<string>): Promise<SweepReport> {
  const { engine, networkPool, diskPool, volumes } = parts;
  const spared = new Set([...keep, ...parts.inTransition()]);
  const shims = await listShims(engine.namespace, engine.socketPath);
  // What began meanwhile has an owner by now, too.
  const container = await sweepContainers(
    parts,
    (id) => spared.has(id) || keep.has(id) || parts.inTransition().has(id),
  );
  // Whatever is there now was kept, or has been started since.
  const held = (await engine.api.containers.list())
    .map(fromContainer)
    .filter((record) => record !== undefined);
  const isKnown = (id: string) =>
    spared.has(id) || parts.inTransition().has(id) || held.some(({ sandbox }) => sandbox.id === id);
  const shim = await sweepShims(shims, isKnown);
  const cgroup = await sweepCgroups(parts, isKnown);
  const mount = await sweepMounts(parts, isKnown);
  for (const id of await parts.files.list()) if (!isKnown(id)) await parts.files.remove(id);
  const exec = await parts.sweepExecs();
  const snapshot = await sweepSnapshots(parts);
  // Both spare what was claimed a short while ago.
  const network = await networkPool.sweep(new Set(held.map(({ slot }) => slot)));
  const disks = await diskPool.sweep(new Set(held.map(({ disk }) => disk)));
  const memory = await parts.sweepMemory(spared);
  const idMaps = await parts.sweepIdMaps();
  const detached = await volumes.detachUnused(
    new Set(held.map(({ volume }) => volume).filter((volume) => volume !== undefined)),
  );
  return {
    repaired: {
      container,
      shim,
      exec,
      snapshot,
      cgroup,
      mount: mount + disks.mounts + detached + memory + idMaps,
      disk: disks.disks,
      namespace: network.namespaces,
      link: network.links,
    },
  };
}

async function sweepContainers(
  { engine, remove, log }: SweepParts,
  isSpared: (id: string) => boolean,
): Promise<number> {
  const lost = (await engine.api.containers.list())
    .map(({ id }) => id as SandboxId)
    .filter((id) => !isSpared(id));
  let removed = 0;
  for (const id of lost) {
    try {
      await remove(id);
      removed += 1;
    } catch (error) {
      log.warn(
        { sandbox: id, error: messageOf(error) },
        'sandbox without an owner could not be removed; the next sweep tries again',
      );
    }
  }
  return removed;
}

/** Those that were there before the containers were listed: a killed containerd may have started one and not known it any more. */
async function sweepShims(shims: readonly Shim[], isKnown: (id: string) => boolean): Promise<number> {
  let ended = 0;
  for (const { pid, id } of shims) {
    if (isKnown(id)) continue;
    try {
      process.kill(pid, 'SIGKILL');
      ended += 1;
    } catch {
      // It ended with its sandbox just now.
    }
  }
  return ended;
}

async function sweepCgroups(parts: SweepParts, isKnown: (id: string) => boolean): Promise<number> {
  const lost = (await parts.cgroups.list(cgroupParent(parts))).filter((name) => !isKnown(name));
  for (const name of lost) await parts.cgroups.remove(cgroupPath(parts, name));
  return lost.length;
}

async function sweepMounts(parts: SweepParts, isKnown: (id: string) => boolean): Promise<number> {
  const isLost = (point: string) => {
    if (point.startsWith(join(parts.viewDir, '/'))) return !parts.viewsInUse.has(point);
    const id = sandboxOfMount(parts, point);
    return id !== undefined && !isKnown(id);
  };
  const lost = (await mountPoints('')).filter(isLost);
  for (const point of lost) await runCommand('umount', ['-l', point]);
  return lost.length;
}

async function sweepSnapshots({ engine, snapshotsInWork, currentLease }: SweepParts): Promise<number> {
  const { api } = engine;
  for (const lease of await api.leases.list()) {
    if (lease.startsWith(unpackingPrefix) && lease !== currentLease()) await api.leases.remove(lease);
  }
  let removed = 0;
  for (const snapshots of engine.lazyMissing === undefined
    ? [api.snapshots, api.lazySnapshots]
    : [api.snapshots]) {
    const lost = (await snapshots.list()).filter(
      ({ name }) =>
        (name.startsWith(unpackingPrefix) || name.startsWith(viewPrefix)) && !snapshotsInWork.has(name),
    );
    for (const { name } of lost) await snapshots.remove(name);
    removed += lost.length;
  }
  await api.leases.collect();
  return removed;
}
