import type { Clock } from '../shared/clock.ts';
import type { LiveSession } from './live-session.ts';
import type { SessionEvents } from './session-events.ts';
import type { SessionStore } from './session-store.ts';

const flushEveryMs = 1_000;

/** Writes activity behind the calls: what a crash loses of it is at most a second. A running call is activity all along. */
export class ActivityJournal {
  readonly #store: Pick<SessionStore, 'recordActivity'>;
  readonly #clock: Clock;
  readonly #events: Pick<SessionEvents, 'sessionWorkDelayed'>;
  readonly #unwritten = new Map<LiveSession, number>();
  #cancel: (() => void) | undefined;

  constructor(parts: {
    readonly store: Pick<SessionStore, 'recordActivity'>;
    readonly clock: Clock;
    readonly events: Pick<SessionEvents, 'sessionWorkDelayed'>;
  }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#events = parts.events;
  }

  note(live: LiveSession): void {
    this.#unwritten.set(live, this.#clock.now());
    this.#cancel ??= this.#clock.after(flushEveryMs, () => void this.flush());
  }

  forget(live: LiveSession): void {
    this.#unwritten.delete(live);
  }

  async flush(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    const nowMs = this.#clock.now();
    const records = [...this.#unwritten].flatMap(([live, notedAtMs]) =>
      live.session === undefined
        ? []
        : [
            {
              runtimeId: live.session.runtimeId,
              id: live.id,
              incarnation: live.session.incarnation,
              atMs: live.inFlight > 0 ? nowMs : notedAtMs,
            },
          ],
    );
    for (const live of this.#unwritten.keys()) if (live.inFlight === 0) this.#unwritten.delete(live);
    if (this.#unwritten.size > 0) this.#cancel = this.#clock.after(flushEveryMs, () => void this.flush());
    try {
      await this.#store.recordActivity(records);
    } catch (error) {
      this.#events.sessionWorkDelayed({ what: 'write activity', session: undefined, error });
    }
  }

  /** Writes what is unwritten and waits for no more. */
  async close(): Promise<void> {
    await this.flush();
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
