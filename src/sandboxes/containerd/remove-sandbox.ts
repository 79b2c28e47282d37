import { messageOf } from '../../shared/errors.ts';
import type { VolumeId } from '../../shared/ids.ts';
import { mountPoints } from './disks/kernel-disks.ts';
import { cgroupPath, type DriverParts, sandboxOfMount } from './driver-parts.ts';
import { wakeKernel } from './kernel-rest.ts';
import { runCommand } from './run-command.ts';
import { fromContainer } from './sandbox-record.ts';
import { taskExit } from './task-exit.ts';

/** Names of what a sandbox holds, where its container does not say. */
export interface HeldResources {
  readonly slot?: string | undefined;
  readonly disk?: string | undefined;
  readonly volume?: VolumeId | undefined;
}

/** SIGTERM, up to `graceMs`, SIGKILL; then nothing of it is left. Works on whatever there is of a half-made sandbox. */
export async function removeSandbox(
  parts: DriverParts,
  id: string,
  graceMs: number,
  held: HeldResources,
): Promise<void> {
  const { api } = parts.engine;
  const container = await api.containers.find(id);
  const record = container === undefined ? undefined : fromContainer(container);
  await endTask(parts, id, graceMs);
  parts.steps?.reached('stop:task-ended');
  // The record goes before what it names: what a crash leaves in between has no owner, and a sweep finds it.
  await api.containers.remove(id);
  parts.steps?.reached('stop:container-removed');
  await unmountRoot(parts, id);
  const slot = record?.slot ?? held.slot;
  const disk = record?.disk ?? held.disk;
  const volume = record?.volume ?? held.volume;
  const released = await Promise.allSettled([
    parts.cgroups.remove(cgroupPath(parts, id)),
    parts.files.remove(id),
    slot === undefined ? undefined : parts.networkPool.release(slot),
    disk === undefined ? undefined : parts.diskPool.release(disk),
    volume === undefined ? undefined : parts.volumes.detach(volume),
  ]);
  for (const part of released) if (part.status === 'rejected') throw part.reason;
}

async function endTask(parts: DriverParts, id: string, graceMs: number): Promise<void> {
  const { tasks } = parts.engine.api;
  try {
    await thaw(parts, id);
    if (graceMs > 0 && (await tasks.kill(id, sigterm, false)) && (await endsWithin(parts, id, graceMs))) {
      await tasks.remove(id);
      return;
    }
    if (graceMs > 0) await thaw(parts, id);
    if (await tasks.kill(id, sigkill, true)) await endsWithin(parts, id, killTimeoutMs);
    await tasks.remove(id);
  } catch (error) {
    // Its shim may be dead or stuck: without its processes there is nothing left to be stuck on.
    parts.log.warn({ sandbox: id, error: messageOf(error) }, 'sandbox did not end in the usual way');
    await parts.cgroups.remove(cgroupPath(parts, id));
    await endsWithin(parts, id, killTimeoutMs);
    await tasks.remove(id);
  }
}

/** A frozen process hears no signal, and not every kernel lets it die. */
async function thaw(parts: DriverParts, id: string): Promise<void> {
  const { tasks } = parts.engine.api;
  if ((await tasks.status(id)) !== 'PAUSED') return;
  await wakeKernel(parts, id);
  await tasks.resume(id);
}

const sigterm = 15;
const sigkill = 9;
const killTimeoutMs = 10_000;

async function endsWithin(parts: DriverParts, id: string, timeoutMs: number): Promise<boolean> {
  const timeout = new AbortController();
  const cancel = parts.clock.after(timeoutMs, () => timeout.abort());
  try {
    await taskExit({ tasks: parts.engine.api.tasks, clock: parts.clock }, id, timeout.signal);
    return true;
  } catch (error) {
    if (timeout.signal.aborted) return false;
    throw error;
  } finally {
    cancel();
  }
}

/** The shim unmounts it; one that was killed did not. */
export async function unmountRoot(parts: DriverParts, id: string): Promise<void> {
  for (const point of await mountPoints('')) {
    if (sandboxOfMount(parts, point) === id) await runCommand('umount', ['-l', point]);
  }
}
