import type { TasksApi } from './api/tasks-api.ts';
import { EngineError, isEngineError } from './api/engine-error.ts';

/** Containerd may be killed again and again. */
const attempts = 5;

/**
 * Stops every process of a sandbox where it is; one that is stopped already stays so. When containerd dies before it has answered, its
 * shim is asked again by the next one: nobody is to lose a sandbox by that. Rejects with `not-found`, or when it cannot be stopped.
 */
export async function pauseTask(tasks: Pick<TasksApi, 'pause' | 'status'>, id: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tasks.pause(id);
    } catch (error) {
      if (isEngineError(error, 'not-found')) throw error;
      // Answered when there is a containerd again.
      const status = await tasks.status(id);
      if (status === 'PAUSED' || (attempt > 1 && isPausedAlready(error))) return;
      if (!isEngineError(error, 'unavailable') || status === undefined || attempt === attempts) throw error;
    }
  }
}

/** What had been begun was done after all: the shim says so sooner by its refusal than by its status. */
function isPausedAlready(error: unknown): boolean {
  return error instanceof EngineError && /\bin state paused\b/.test(error.details);
}
