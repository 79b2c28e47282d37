import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { EngineError, type EngineErrorCode } from './api/engine-error.ts';
import type { TaskState } from './api/tasks-api.ts';
import { pauseTask } from './pause-task.ts';

/** A task whose calls to pause it fail one after the other, then succeed; `hasPaused`: it was paused all the same. */
function taskThat({
  fails = [] as readonly EngineErrorCode[],
  hasPaused = false,
  isThere = true,
  details = 'no',
}) {
  const failures = [...fails];
  let isPaused = false;
  let asked = 0;
  return {
    get asked() {
      return asked;
    },
    pause: async () => {
      asked += 1;
      const code = failures.shift();
      isPaused = code === undefined || hasPaused;
      if (code !== undefined) throw new EngineError('Pause', code, details);
    },
    status: async (): Promise<TaskState['status'] | undefined> => {
      if (!isThere) return undefined;
      return isPaused ? 'PAUSED' : 'RUNNING';
    },
  };
}

test('a sandbox is paused although containerd is killed before it has answered, and not twice', async () => {
  verifies('hibernation:engine-killed');
  const again = taskThat({ fails: ['unavailable', 'unavailable'] });
  await pauseTask(again, 'sb-1');
  assert.equal(again.asked, 3);
  const done = taskThat({ fails: ['unavailable'], hasPaused: true });
  await pauseTask(done, 'sb-1');
  assert.equal(done.asked, 1);
  const late = taskThat({
    fails: ['unavailable', 'unknown'],
    details: 'OCI runtime pause failed: cannot pause container "sb-1" in state paused',
  });
  await pauseTask(late, 'sb-1');
  assert.equal(late.asked, 2);
});

test('what is refused, gone, or fails again and again is not paused', async () => {
  verifies('hibernation:engine-killed');
  for (const [task, asked] of [
    [taskThat({ fails: ['not-found'] }), 1],
    [taskThat({ fails: ['unknown'] }), 1],
    [taskThat({ fails: ['unavailable'], isThere: false }), 1],
    [taskThat({ fails: Array.from({ length: 9 }, () => 'unavailable' as const) }), 5],
  ] as const) {
    await assert.rejects(pauseTask(task, 'sb-1'), EngineError);
    assert.equal(task.asked, asked);
  }
});
