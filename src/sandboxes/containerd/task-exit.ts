import { type Clock, sleep } from '../../shared/clock.ts';
import { isEngineError } from './api/engine-error.ts';
import type { TaskExit, TasksApi } from './api/tasks-api.ts';

/**
 * How the task's first process, or the one with `execId`, ended, as soon as it has; undefined when there is none. Outlives restarts of containerd.
 * Rejects with the signal's reason.
 */
export async function taskExit(
  { tasks, clock }: { readonly tasks: Pick<TasksApi, 'wait'>; readonly clock: Clock },
  id: string,
  signal: AbortSignal,
  execId?: string,
): Promise<TaskExit | undefined> {
  for (;;) {
    try {
      return await tasks.wait(id, { signal, timeoutMs: Infinity }, execId);
    } catch (error) {
      if (isEngineError(error, 'not-found')) return undefined;
      if (!isEngineError(error)) throw error;
      // containerd is being restarted; its shims, and what they know, are still there.
      await sleep(clock, retryMs, signal);
    }
  }
}

const retryMs = 200;
