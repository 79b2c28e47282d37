import type { SandboxDriver, SandboxExit } from '../sandboxes/sandbox-driver.ts';
import { type Clock, sleep } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';
import type { SandboxId } from '../shared/ids.ts';

const lossesToBelieve = 3;

/**
 * The exit of a sandbox's process, or undefined when the engine does not know the sandbox any more. An engine that does not
 * answer, or that is just being restarted, has not lost anything: it is asked again.
 */
export async function waitForEnd(
  driver: Pick<SandboxDriver, 'waitForExit'>,
  clock: Clock,
  id: SandboxId,
  signal: AbortSignal,
): Promise<SandboxExit | undefined> {
  for (let losses = 0; losses < lossesToBelieve;) {
    try {
      return await driver.waitForExit(id, signal);
    } catch (error) {
      signal.throwIfAborted();
      losses = error instanceof BerthError && error.code === 'not-found' ? losses + 1 : 0;
    }
    await sleep(clock, 1_000, signal);
  }
  return undefined;
}
