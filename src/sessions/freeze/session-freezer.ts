import type { SandboxOptions } from '../../runtimes/sandbox-options.ts';
import type { SandboxDriver } from '../../sandboxes/sandbox-driver.ts';
import type { Clock } from '../../shared/clock.ts';
import type { RuntimeId, SandboxId } from '../../shared/ids.ts';
import type { Steps } from '../../shared/steps.ts';
import type { AgentProbe, PingAnswer } from '../agent-probe.ts';
import type { IdleClock } from '../idle-clock.ts';
import type { SessionEvents } from '../session-events.ts';
import type { Session } from '../session.ts';

export interface SessionFreezerParts {
  readonly driver: Pick<SandboxDriver, 'pause' | 'resume'>;
  readonly live: FreezableSession;
  readonly sandboxId: SandboxId;
  /** Another server had frozen it. */
  readonly isFrozen: boolean;
  /** As they are now: a changed option counts at the next look. */
  readonly optionsOf: (runtimeId: RuntimeId) => Promise<SandboxOptions>;
  readonly events: Pick<SessionEvents, 'sessionFrozen' | 'sessionThawed' | 'sessionWorkDelayed'>;
  readonly clock: Clock;
  /** For tests that kill the server at each of them. */
  readonly steps?: Steps | undefined;
}

interface FreezableSession {
  readonly version: { readonly runtimeId: RuntimeId };
  readonly session: Session | undefined;
  readonly idle: Pick<IdleClock, 'idleMs'>;
  /** A call is running, or a program beside the agent. */
  readonly isInUse: boolean;
}

/**
 * Freezes the sandbox of a session that nobody uses, right after its agent has said that it is not busy, and wakes it. Its idle
 * time goes on meanwhile (docs/decisions/0019).
 */
export class SessionFreezer implements AsyncDisposable {
  readonly #parts: SessionFreezerParts;
  #isFrozen: boolean;
  #change: Promise<void> | undefined;
  #isClosed = false;
  #known: PingAnswer = { status: 'Healthy', lastUpdatedAtMs: undefined };

  constructor(parts: SessionFreezerParts) {
    this.#parts = parts;
    this.#isFrozen = parts.isFrozen;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** Nothing may be sent to it now. */
  get isAsleep(): boolean {
    return this.#isFrozen || this.#change !== undefined;
  }

  /** A probe that asks nothing of a frozen agent: it answers what was last known. */
  over(probe: Pick<AgentProbe, 'check'>): Pick<AgentProbe, 'check'> {
    return {
      check: async (...asked) => {
        if (this.isAsleep) return this.#known;
        this.#known = await probe.check(...asked);
        return this.#known;
      },
    };
  }

  /** Freezes it when it has been idle for as long as its runtime's options say. Never rejects. */
  async heard(answer: PingAnswer): Promise<void> {
    const { live, optionsOf, clock, events } = this.#parts;
    if (answer.status === 'HealthyBusy' || this.isAsleep || live.isInUse) return;
    try {
      const { 'freeze-after': afterMs } = await optionsOf(live.version.runtimeId);
      if (afterMs === undefined || live.idle.idleMs(clock.now()) < afterMs) return;
    } catch (error) {
      return events.sessionWorkDelayed({ what: 'read options', session: live.session, error });
    }
    // Asking took a moment.
    if (this.isAsleep || this.#isClosed || live.isInUse) return;
    await this.#run(() => this.#freeze());
  }

  /** Resolves when it runs, at once when it does already; all who ask share one thaw. Rejects when the engine does not thaw it. */
  async wake(): Promise<void> {
    while (this.isAsleep) await (this.#change ?? this.#run(() => this.#thaw()));
  }

  /** From then on nothing changes any more; a frozen one stays as it is. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#change?.catch(() => {});
  }

  #run(change: () => Promise<void>): Promise<void> {
    const running = change().finally(() => (this.#change = undefined));
    this.#change = running;
    return running;
  }

  async #freeze(): Promise<void> {
    const { driver, sandboxId, events, live, clock, steps } = this.#parts;
    const startedAtMs = clock.now();
    try {
      await driver.pause(sandboxId);
      steps?.reached('freeze:frozen');
      this.#isFrozen = true;
      if (live.session !== undefined)
        events.sessionFrozen({ session: live.session, durationMs: clock.now() - startedAtMs });
    } catch (error) {
      events.sessionWorkDelayed({ what: 'freeze sandbox', session: live.session, error });
      // It may be frozen or not: whoever wants it thaws it.
      this.#isFrozen = await driver.resume(sandboxId).then(
        () => false,
        () => true,
      );
    }
  }

  async #thaw(): Promise<void> {
    const { driver, sandboxId, events, live, clock, steps } = this.#parts;
    const startedAtMs = clock.now();
    await driver.resume(sandboxId);
    steps?.reached('thaw:thawed');
    this.#isFrozen = false;
    if (live.session !== undefined)
      events.sessionThawed({ session: live.session, durationMs: clock.now() - startedAtMs });
  }
}
