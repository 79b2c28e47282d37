import type { Clock } from '../shared/clock.ts';
import { type AgentProbe, type PingAnswer, ProbeFailure, type ProbeTarget } from './agent-probe.ts';

export interface HealthMonitorParts {
  readonly probe: Pick<AgentProbe, 'check'>;
  readonly clock: Clock;
  readonly target: ProbeTarget;
  readonly intervalMs: number;
  /** Nothing is asked while calls are running, and what fails then means nothing: agents may be too busy to answer. */
  readonly calls: () => { readonly inFlight: number; readonly calls: number };
  readonly onHealthy: (answer: PingAnswer) => void;
  readonly onUnhealthy: (failure: ProbeFailure) => void;
}

const failuresAllowed = 2;
const limits = { connectTimeoutMs: 2_000, answerTimeoutMs: 5_000 };

/** Asks a quiet agent for its health, for as long as it is not stopped. */
export class HealthMonitor implements Disposable {
  readonly #parts: HealthMonitorParts;
  readonly #stopped = new AbortController();
  #failures = 0;
  /** The number of calls there had been when the counting began. */
  #failuresSince = 0;
  #cancel: () => void = () => {};

  constructor(parts: HealthMonitorParts) {
    this.#parts = parts;
  }

  start(firstDelayMs: number): void {
    if (this.#stopped.signal.aborted) return;
    this.#cancel = this.#parts.clock.after(firstDelayMs, () => void this.#turn());
  }

  [Symbol.dispose](): void {
    this.#stopped.abort();
    this.#cancel();
  }

  async #turn(): Promise<void> {
    const { probe, target, intervalMs, calls } = this.#parts;
    if (calls().inFlight === 0) {
      const { calls: before } = calls();
      const answer = await probe.check(target, limits, this.#stopped.signal).catch(asFailure);
      const after = calls();
      if (this.#stopped.signal.aborted) return;
      this.#hear(answer, after.inFlight > 0 || after.calls !== before, before);
    }
    this.start(intervalMs);
  }

  #hear(answer: PingAnswer | ProbeFailure, wasCalled: boolean, calls: number): void {
    // Failures before and after a call are not in a row.
    if (wasCalled || calls !== this.#failuresSince) this.#failures = 0;
    this.#failuresSince = calls;
    if (wasCalled || (answer instanceof ProbeFailure && answer.kind === 'local')) return;
    if (!(answer instanceof ProbeFailure)) {
      this.#failures = 0;
      this.#parts.onHealthy(answer);
    } else if (this.#failures < failuresAllowed) this.#failures += 1;
    else this.#parts.onUnhealthy(answer);
  }
}

function asFailure(error: unknown): ProbeFailure {
  return error instanceof ProbeFailure ? error : new ProbeFailure('unreachable', String(error), error);
}
