import type { Clock } from '../shared/clock.ts';
import { sleep } from '../shared/clock.ts';
import { type AgentProbe, ProbeFailure, type ProbeTarget } from './agent-probe.ts';

export interface ReadinessParts {
  readonly probe: Pick<AgentProbe, 'check'>;
  readonly clock: Clock;
  readonly target: ProbeTarget;
  /** Told of each attempt that failed. */
  readonly onFailure: (failure: ProbeFailure) => void;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

/** A slow first answer is waited for; a connection that hangs is tried again, since a fresh network may lose its first packets. */
const limits = { connectTimeoutMs: 500, answerTimeoutMs: 20_000 };

/** Asks until the agent is healthy, often at first: agents in compiled languages listen within milliseconds. */
export async function waitUntilReady(parts: ReadinessParts): Promise<void> {
  const { probe, clock, target, onFailure, signal } = parts;
  const startedAtMs = clock.now();
  for (;;) {
    try {
      await probe.check(target, limits, signal);
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ProbeFailure)) throw error;
      onFailure(error);
    }
    await sleep(clock, pauseMs(clock.now() - startedAtMs), signal);
  }
}

function pauseMs(waitedMs: number): number {
  if (waitedMs < 1_000) return 5;
  return waitedMs < 10_000 ? 50 : 250;
}
