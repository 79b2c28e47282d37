import { setTimeout as wait } from 'node:timers/promises';
import type { RunningSandbox } from '../sandbox-driver.ts';

/** Runs the body of an async function, to which `load` is `import`, inside a sandbox of the test image. Throws the code or message of what it throws. */
export async function runInside(sandbox: RunningSandbox, body: string): Promise<unknown> {
  const response = await fetch(`http://${sandbox.address.host}:8080/`, {
    method: 'POST',
    body,
    signal: AbortSignal.timeout(30_000),
  });
  const answer: unknown = await response.json();
  if (typeof answer !== 'object' || answer === null) throw new TypeError('the agent answered no object');
  if ('error' in answer) throw new Error(String(answer.error));
  return 'result' in answer ? answer.result : undefined;
}

/** Resolves when the agent answers. */
export async function untilListening(sandbox: RunningSandbox): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      await fetch(`http://${sandbox.address.host}:8080/`, { signal: AbortSignal.timeout(1_000) });
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await wait(10);
    }
  }
}
