import { chmod, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BerthError } from '../../shared/errors.ts';
import type { RunningSandbox, SandboxSpec } from '../sandbox-driver.ts';
import { type EngineError, isEngineError } from './api/engine-error.ts';
import type { SandboxDisk } from './disks/disk-pool.ts';
import { cgroupPath, type DriverParts } from './driver-parts.ts';
import type { PreparedImage } from './images/prepared-images.ts';
import type { NetworkSlot } from './network/network-pool.ts';
import { ociSpec } from './oci/oci-spec.ts';
import { rlimitsFor } from './oci/resource-limits.ts';
import { toLabels } from './sandbox-record.ts';

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
  const files = await parts.files.reserve(spec.id);
  const oci = ociSpec({
    hostname: spec.id,
    args: image.args,
    env: [...image.env, ...Object.entries(spec.environment).map(([name, value]) => `${name}=${value}`)],
    workingDir: image.workingDir,
    user: image.user,
    files,
    limits: spec.limits,
    hasSwapLimit: cgroups.hasSwapLimit,
    rlimits: rlimitsFor(await parts.openFilesLimit()),
    cgroupPath: cgroupPath(parts, spec.id),
    networkNamespacePath: slot.namespacePath,
    architecture: process.arch,
  });
  const labels = toLabels(engine.serverTag, { sandbox, slot: slot.name, disk: disk.name });
  // All of them end before a failure is reported, so that nothing is made after the removal.
  const made = await Promise.allSettled([
    createContainer(parts, spec, oci, image, labels),
    parts.files.write(spec.id, slot.address),
    makeTemporaryFolder(disk),
    makeLogFile(spec.logFile),
  ]);
  for (const part of made) if (part.status === 'rejected') throw part.reason;
  signal?.throwIfAborted();
  const log = pathToFileURL(spec.logFile).href;
  try {
    await engine.api.tasks.create({
      containerId: spec.id,
      rootfs: [{ type: 'overlay', source: 'overlay', target: '', options: overlayOptions(image, disk) }],
      stdout: log,
      stderr: log,
    });
    signal?.throwIfAborted();
    await engine.api.tasks.start(spec.id);
  } catch (error) {
    throw isEngineError(error) ? describeStartFailure(error) : error;
  }
  signal?.throwIfAborted();
  return sandbox;
}

async function createContainer(
  { engine: { api } }: DriverParts,
  spec: SandboxSpec,
  oci: object,
  image: PreparedImage,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const runtime = 'io.containerd.runc.v2';
  try {
    await api.containers.create({ id: spec.id, labels, spec: oci, runtime, snapshotKey: image.snapshotKey });
  } catch (error) {
    if (!isEngineError(error, 'already-exists')) throw error;
    throw new BerthError('conflict', `There is a sandbox ${spec.id} already.`, { cause: error });
  }
  // From here on the container keeps the snapshot; it may have been collected just before.
  if (!(await api.snapshots.exists(image.snapshotKey)))
    throw new BerthError('not-found', `The image ${image.digest} is not unpacked on this server any more.`);
}

function overlayOptions({ lowerDirs }: PreparedImage, { upperDir, workDir }: SandboxDisk): readonly string[] {
  return [`lowerdir=${lowerDirs.join(':')}`, `upperdir=${upperDir}`, `workdir=${workDir}`];
}

/** Images may lack a /tmp, or have one that only root can write to. */
async function makeTemporaryFolder({ upperDir }: SandboxDisk): Promise<void> {
  const folder = join(upperDir, 'tmp');
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o1777);
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
