import type { Clock } from '../shared/clock.ts';
import type { PingAnswer } from './agent-probe.ts';
import type { LiveSession } from './live-session.ts';
import type { SessionEndReason } from './session.ts';

export interface ReaperParts {
  readonly live: Pick<LiveSession, 'idle' | 'inFlight' | 'version'>;
  readonly startedAtMs: number;
  readonly clock: Clock;
  /** HealthyBusy counts as activity also for a server that takes over from this one. */
  readonly onBusy: () => void;
  readonly end: (reason: SessionEndReason) => void;
}

/** Ends a session that has been idle for too long, by what its agent has just said, or that is too old, busy or not. */
export class Reaper implements Disposable {
  readonly #parts: ReaperParts;
  readonly #cancel: () => void;

  constructor(parts: ReaperParts) {
    this.#parts = parts;
    const { clock, startedAtMs, live, end } = parts;
    const leftMs = startedAtMs + live.version.maxLifetimeS * 1000 - clock.now();
    this.#cancel = clock.after(Math.max(0, leftMs), () => end('max-lifetime'));
  }

  heard(answer: PingAnswer): void {
    const { live, clock, onBusy, end } = this.#parts;
    const nowMs = clock.now();
    live.idle.heard(answer, nowMs);
    if (answer.status === 'HealthyBusy') onBusy();
    if (live.inFlight === 0 && live.idle.idleMs(nowMs) >= live.version.idleTimeoutS * 1000) end('idle');
  }

  [Symbol.dispose](): void {
    this.#cancel();
  }
}
