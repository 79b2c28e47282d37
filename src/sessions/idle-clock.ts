import type { PingAnswer } from './agent-probe.ts';

/**
 * How long a session has been idle: now minus the latest of the end of the last activity, the last time the agent said
 * HealthyBusy, and its `time_of_last_update`. Strict is what AWS was seen to do: HealthyBusy counts only through its
 * `time_of_last_update`, and so holds a session only while that moves (design.md 4, contract 4.3).
 */
export class IdleClock {
  readonly #startedAtMs: number;
  readonly #isStrict: boolean;
  #activeAtMs: number;
  #reportedAtMs: number;

  constructor(parts: {
    readonly startedAtMs: number;
    readonly lastActivityAtMs: number;
    readonly isStrict: boolean;
  }) {
    this.#startedAtMs = parts.startedAtMs;
    this.#isStrict = parts.isStrict;
    this.#activeAtMs = parts.lastActivityAtMs;
    this.#reportedAtMs = parts.startedAtMs;
  }

  get activeAtMs(): number {
    return this.#activeAtMs;
  }

  active(nowMs: number): void {
    this.#activeAtMs = Math.max(this.#activeAtMs, nowMs);
  }

  heard(answer: PingAnswer, nowMs: number): void {
    if (answer.status === 'HealthyBusy' && !this.#isStrict) this.active(nowMs);
    this.#reportedAtMs = Math.min(nowMs, Math.max(this.#startedAtMs, answer.lastUpdatedAtMs ?? 0));
  }

  idleMs(nowMs: number): number {
    return nowMs - Math.max(this.#activeAtMs, this.#reportedAtMs);
  }
}
