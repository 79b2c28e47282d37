import { isEngineError } from './api/engine-error.ts';
import type { CgroupUse } from './cgroup-use.ts';
import { cgroupPath, type DriverParts } from './driver-parts.ts';
import { restKernel, wakeKernel } from './kernel-rest.ts';
import { pauseTask } from './pause-task.ts';

export interface SandboxFreezerParts extends Pick<DriverParts, 'engine' | 'cgroups' | 'isolations'> {
  readonly cgroupUse: Pick<CgroupUse, 'hasSwap' | 'reclaim' | 'keepFromSwap'>;
}

/** Freezes sandboxes and thaws them. What is frozen is asked of the engine, never remembered. */
export class SandboxFreezer implements Disposable {
  readonly #parts: SandboxFreezerParts;
  readonly #reclaims = new Map<string, AbortController>();

  constructor(parts: SandboxFreezerParts) {
    this.#parts = parts;
  }

  /** Resolves when nothing in it runs; its memory is taken back behind that. */
  async pause(id: string): Promise<void> {
    await pauseTask(this.#parts.engine.api.tasks, id);
    await restKernel(this.#parts, id);
    void this.#reclaim(id);
  }

  async resume(id: string): Promise<void> {
    const { tasks } = this.#parts.engine.api;
    const reclaim = this.#reclaims.get(id);
    reclaim?.abort();
    this.#reclaims.delete(id);
    await wakeKernel(this.#parts, id);
    try {
      await tasks.resume(id);
    } catch (error) {
      if (isEngineError(error, 'not-found') || (await tasks.status(id)) !== 'RUNNING') throw error;
    }
    // Also when another process had paused it: it is one small write.
    void this.#parts.cgroupUse.keepFromSwap(cgroupPath(this.#parts, id));
  }

  /** Whoever is woken meanwhile does not wait for it. */
  async #reclaim(id: string): Promise<void> {
    const { cgroupUse } = this.#parts;
    const reclaim = new AbortController();
    this.#reclaims.set(id, reclaim);
    if ((await cgroupUse.hasSwap()) && !reclaim.signal.aborted)
      await cgroupUse.reclaim(cgroupPath(this.#parts, id), reclaim.signal);
    if (this.#reclaims.get(id) === reclaim) this.#reclaims.delete(id);
  }

  [Symbol.dispose](): void {
    for (const reclaim of this.#reclaims.values()) reclaim.abort();
    this.#reclaims.clear();
  }
}
