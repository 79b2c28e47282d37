import { cgroupPath, type DriverParts } from './driver-parts.ts';
import { fromContainer } from './sandbox-record.ts';

type KernelRestParts = Pick<DriverParts, 'engine' | 'cgroups' | 'isolations'>;

/**
 * gVisor pauses the processes inside; its own kernel goes on, and takes processor time. It rests by its control group, which runc
 * uses by itself for a pause. Only after the pause, and ended before anything else is asked of it: it answers nothing meanwhile.
 */
export async function restKernel(parts: KernelRestParts, id: string): Promise<void> {
  if (!(await hasOwnKernel(parts, id))) return;
  // Where control groups cannot be frozen, what is inside has been paused all the same.
  await parts.cgroups.freeze(cgroupPath(parts, id)).catch(() => undefined);
}

/** Idempotent. */
export async function wakeKernel(parts: KernelRestParts, id: string): Promise<void> {
  if (await hasOwnKernel(parts, id)) await parts.cgroups.thaw(cgroupPath(parts, id));
}

async function hasOwnKernel({ engine, isolations }: KernelRestParts, id: string): Promise<boolean> {
  const container = await engine.api.containers.find(id);
  const name = container === undefined ? undefined : fromContainer(container)?.sandbox.isolation;
  return name !== undefined && isolations.find(name)?.processes === 'runsc';
}
