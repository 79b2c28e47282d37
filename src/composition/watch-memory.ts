import type { Logger } from '../observability/logger.ts';
import { readAvailableMemory } from '../sandboxes/admission-memory.ts';
import type { MemoryExpectations } from '../sandboxes/memory-expectations.ts';
import type { SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import type { Clock } from '../shared/clock.ts';
import { every } from './every.ts';

export interface WatchMemoryParts {
  readonly driver: Pick<SandboxDriver, 'usage'>;
  readonly sessions: Pick<SessionRegistry, 'overview' | 'giveUpPooled'>;
  readonly expectations: MemoryExpectations;
  /** That is to stay free. */
  readonly memoryReserveBytes: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Looks after the machine's memory every five seconds, until it is disposed. */
export function watchMemory(parts: WatchMemoryParts): AsyncDisposable {
  const { clock, log } = parts;
  return every(clock, 5_000, () =>
    lookAfterMemory(parts).catch((error: unknown) =>
      log.warn({ error }, 'the memory of the machine could not be looked after'),
    ),
  );
}

/** What is short is taken from those that nobody uses yet, and what sandboxes take is remembered. */
async function lookAfterMemory(parts: WatchMemoryParts): Promise<void> {
  if ((await readAvailableMemory()) < parts.memoryReserveBytes) await parts.sessions.giveUpPooled(1);
  await learnMemory(parts);
}

/** What the sandboxes of each runtime take is what its next ones are expected to take; frozen ones may have been swapped out. */
async function learnMemory({ driver, sessions, expectations }: WatchMemoryParts): Promise<void> {
  const running = sessions.overview().filter(({ state }) => state === 'ready' || state === 'busy');
  if (running.length === 0) return;
  const usage = await driver.usage();
  for (const { runtimeId, sandboxId } of running) {
    const used = usage.get(sandboxId);
    if (used !== undefined) expectations.learn(runtimeId, used.memoryBytes);
  }
}
