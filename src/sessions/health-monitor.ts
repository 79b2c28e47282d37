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
    const before = calls();
    if (before.inFlight > 0) this.#failures = 0;
    else {
      const answer = await probe.check(target, limits, this.#stopped.signal).catch(asFailure);
      const after = calls();
      if (this.#stopped.signal.aborted) return;
      this.#hear(answer, after.inFlight > 0 || after.calls !== before.calls);
    }
    this.start(intervalMs);
  }

  #hear(answer: PingAnswer | ProbeFailure, wasCalled: boolean): void {
    if (!(answer instanceof ProbeFailure)) {
      this.#failures = 0;
      if (!wasCalled) this.#parts.onHealthy(answer);
    } else if (wasCalled) this.#failures = 0;
    else if (this.#failures < failuresAllowed) this.#failures += 1;
    else this.#parts.onUnhealthy(answer);
  }
}

function asFailure(error: unknown): ProbeFailure {
  return error instanceof ProbeFailure ? error : new ProbeFailure('unreachable', String(error), error);
}
