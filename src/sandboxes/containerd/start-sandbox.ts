import { open } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { BerthError } from '../../shared/errors.ts';
import type { RunningSandbox, SandboxSpec } from '../sandbox-driver.ts';
import type { NewContainer } from './api/containers-api.ts';
import { type EngineError, isEngineError } from './api/engine-error.ts';
import { lazySnapshotter } from './api/snapshots-api.ts';
import type { SandboxDisk } from './disks/disk-pool.ts';
import { cgroupPath, type DriverParts } from './driver-parts.ts';
import type { PreparedImage } from './images/prepared-images.ts';
import type { NetworkSlot } from './network/network-pool.ts';
import { ociSpec } from './oci/oci-spec.ts';
import { rlimitsFor } from './oci/resource-limits.ts';
import { idMapOptions } from './oci/user-range.ts';
import { fromContainer, toLabels } from './sandbox-record.ts';
import { makeWritableLayer } from './writable-layer.ts';

export interface Claims {
  readonly slot: NetworkSlot;
  readonly disk: SandboxDisk;
}

/** Both or neither. */
export async function claimResources(
  { networkPool, diskPool }: DriverParts,
  diskBytes: number,
  signal: AbortSignal | undefined,
): Promise<Claims> {
  const [slot, disk] = await Promise.allSettled([
    networkPool.claim(signal),
    diskPool.claim(diskBytes, signal),
  ]);
  if (slot.status === 'fulfilled' && disk.status === 'fulfilled')
    return { slot: slot.value, disk: disk.value };
  if (slot.status === 'fulfilled') await networkPool.release(slot.value.name);
  if (disk.status === 'fulfilled') await diskPool.release(disk.value.name);
  throw slot.status === 'rejected' ? slot.reason : disk.status === 'rejected' ? disk.reason : undefined;
}

/**
 * Starts a sandbox with what was claimed for it. When it rejects, parts of it may exist, except after `conflict`: then the
 * id belongs to another sandbox.
 */
export async function startSandbox(
  parts: DriverParts,
  spec: SandboxSpec,
  image: PreparedImage,
  { slot, disk }: Claims,
  signal: AbortSignal | undefined,
): Promise<RunningSandbox> {
  const { engine, cgroups, clock } = parts;
  const sandbox: RunningSandbox = {
    id: spec.id,
    owner: spec.owner,
    image: spec.image,
    isolation: spec.isolation,
    address: { host: slot.address },
    logFile: spec.logFile,
    startedAtMs: clock.now(),
  };
  const isolation = parts.isolations.require(spec.isolation);
  const users = isolation.spec.hasOwnUsers ? await parts.userNamespaces?.forSandbox(slot, image) : undefined;
  const runtime = await isolation.runtime(users?.range);
  const files = await parts.files.reserve(spec.id);
  const storage = await mountStorage(parts, spec, image);
  const oci = ociSpec({
    hostname: spec.id,
    args: image.args,
    env: [...image.env, ...Object.entries(spec.environment).map(([name, value]) => `${name}=${value}`)],
    workingDir: image.workingDir,
    user: image.user,
    files,
    storage,
    users,
    limits: spec.limits,
    hasSwapLimit: cgroups.hasSwapLimit,
    rlimits: rlimitsFor(await parts.openFilesLimit()),
    cgroupPath: cgroupPath(parts, spec.id),
    networkNamespacePath: slot.namespacePath,
    isolation: isolation.spec,
    egress: spec.egress,
    architecture: process.arch,
  });
  const labels = toLabels(engine.serverTag, {
    sandbox,
    slot: slot.name,
    disk: disk.name,
    volume: spec.storage?.volume,
  });
  // All of them end before a failure is reported, so that nothing is made after the removal.
  const made = await Promise.allSettled([
    createContainer(
      parts,
      {
        id: spec.id,
        labels,
        spec: oci,
        runtime,
        snapshotter: image.snapshotter,
        snapshotKey: image.snapshotKey,
      },
      image,
    ),
    parts.files.write(spec.id, slot.address, parts.networkPool.nameservers(spec.egress)),
    parts.networkPool.confine(slot.name, spec.egress),
    makeWritableLayer({
      disk,
      isolation: isolation.spec,
      mountPath: spec.storage?.mountPath,
      range: users?.range,
    }),
    makeLogFile(spec.logFile),
  ]);
  for (const part of made) if (part.status === 'rejected') throw part.reason;
  parts.steps?.reached('start:container-created');
  signal?.throwIfAborted();
  const log = pathToFileURL(spec.logFile).href;
  try {
    await engine.api.tasks.create({
      containerId: spec.id,
      rootfs: [
        {
          type: 'overlay',
          source: 'overlay',
          target: '',
          options: [
            ...overlayOptions(image, disk),
            ...(users === undefined ? [] : idMapOptions(users.range)),
          ],
        },
      ],
      stdout: log,
      stderr: log,
    });
    parts.steps?.reached('start:task-created');
    signal?.throwIfAborted();
    await engine.api.tasks.start(spec.id);
    parts.steps?.reached('start:task-started');
  } catch (error) {
    throw isEngineError(error) ? describeStartFailure(error) : error;
  }
  signal?.throwIfAborted();
  return sandbox;
}

/** The folder of the host that the session's files are in, and where the sandbox sees it. */
async function mountStorage(
  { engine, volumes }: DriverParts,
  { storage }: SandboxSpec,
  { user }: PreparedImage,
): Promise<{ readonly source: string; readonly destination: string } | undefined> {
  if (storage === undefined) return undefined;
  const holder = (await engine.api.containers.list())
    .map(fromContainer)
    .find((record) => record?.volume === storage.volume);
  if (holder !== undefined) {
    throw new BerthError(
      'unavailable',
      `The session's storage is still in use by the sandbox ${holder.sandbox.id}, which is being removed. Try again shortly.`,
    );
  }
  const source = await volumes.attach(storage.volume, user);
  return { source, destination: storage.mountPath };
}

async function createContainer(
  { engine: { api } }: DriverParts,
  container: NewContainer,
  image: PreparedImage,
): Promise<void> {
  try {
    await api.containers.create(container);
  } catch (error) {
    if (!isEngineError(error, 'already-exists')) throw error;
    throw new BerthError('conflict', `There is a sandbox ${container.id} already.`, { cause: error });
  }
  // From here on the container keeps the snapshot; it may have been collected just before.
  const snapshots = image.snapshotter === lazySnapshotter ? api.lazySnapshots : api.snapshots;
  if (!(await snapshots.exists(image.snapshotKey)))
    throw new BerthError('not-found', `The image ${image.digest} is not unpacked on this server any more.`);
}

/** Mount options of the root file system. */
export function overlayOptions(
  { lowerDirs }: PreparedImage,
  { upperDir, workDir }: SandboxDisk,
): readonly string[] {
  return [`lowerdir=${lowerDirs.join(':')}`, `upperdir=${upperDir}`, `workdir=${workDir}`];
}

async function makeLogFile(path: string): Promise<void> {
  await (await open(path, 'a', 0o600)).close();
}

function describeStartFailure(error: EngineError): unknown {
  if (error.code === 'unavailable' || error.code === 'deadline-exceeded') return error;
  if (/no space left on device/.test(error.details)) {
    return new BerthError(
      'unavailable',
      `The host has no disk space left to start a sandbox: ${error.details}`,
      { cause: error },
    );
  }
  if (!/OCI runtime|runc|failed to create shim|mount/.test(error.details)) return error;
  return new BerthError('runtime-client-error', `The image cannot be started: ${error.details}`, {
    cause: error,
  });
}
