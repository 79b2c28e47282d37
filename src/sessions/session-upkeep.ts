import type { SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import type { Clock } from '../shared/clock.ts';
import type { SandboxId } from '../shared/ids.ts';
import type { SessionEvents } from './session-events.ts';
import type { SessionKeyParts } from './session-storage-store.ts';
import type { SessionStorages } from './session-storages.ts';
import type { SessionStore } from './session-store.ts';

export interface SessionUpkeepParts {
  readonly driver: Pick<SandboxDriver, 'sweep'>;
  readonly store: Pick<SessionStore, 'renewOwnership' | 'forgetEnded'>;
  readonly storages: Pick<SessionStorages, 'upkeep'>;
  readonly events: Pick<SessionEvents, 'sweepRepaired' | 'sessionWorkDelayed'>;
  readonly clock: Clock;
  readonly holder: string;
  readonly ownershipMs: number;
  /** The sandboxes that belong to sessions, always as of now. */
  readonly sandboxIds: ReadonlySet<SandboxId>;
  /** Sessions that have not ended and have storage, as of now. */
  readonly withStorage: () => readonly SessionKeyParts[];
  /** Removes memory on disk that nobody needs. */
  readonly sweepCheckpoints: () => Promise<void>;
}

const sweepEveryMs = 3 * 60_000;
const rememberEndedMs = 30 * 24 * 3_600_000;

/** What has to be done again and again: ownership renewed, what belongs to nobody swept away, old sessions forgotten. */
export class SessionUpkeep implements AsyncDisposable {
  readonly #parts: SessionUpkeepParts;
  readonly #cancels = new Map<string, () => void>();
  readonly #running = new Set<Promise<void>>();
  #isClosed = false;

  constructor(parts: SessionUpkeepParts) {
    this.#parts = parts;
  }

  /** The first sweep goes on after this has resolved: what belongs to nobody is in nobody's way. */
  async start(): Promise<void> {
    const { ownershipMs, storages, withStorage, sweepCheckpoints } = this.#parts;
    await this.#repeat('renew ownership', ownershipMs / 3, () => this.#renew());
    if (this.#isClosed) return;
    void this.#repeat('sweep', sweepEveryMs, () => this.#sweep());
    void this.#repeat('look after session storage', sweepEveryMs, () => storages.upkeep(withStorage()));
    void this.#repeat('sweep checkpoints', sweepEveryMs, sweepCheckpoints);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const cancel of this.#cancels.values()) cancel();
    await Promise.all(this.#running);
  }

  async #repeat(what: string, everyMs: number, work: () => Promise<void>): Promise<void> {
    const turn = work().catch((error: unknown) => {
      this.#parts.events.sessionWorkDelayed({ what, session: undefined, error });
    });
    this.#running.add(turn);
    await turn;
    this.#running.delete(turn);
    if (this.#isClosed) return;
    this.#cancels.set(
      what,
      this.#parts.clock.after(everyMs, () => void this.#repeat(what, everyMs, work)),
    );
  }

  #renew(): Promise<void> {
    const { store, clock, holder, ownershipMs } = this.#parts;
    return store.renewOwnership({ holder, expiresAtMs: clock.now() + ownershipMs });
  }

  async #sweep(): Promise<void> {
    const { driver, store, events, clock, sandboxIds } = this.#parts;
    await store.forgetEnded(clock.now() - rememberEndedMs);
    const { repaired } = await driver.sweep(sandboxIds);
    if (Object.values(repaired).some((count) => count > 0)) events.sweepRepaired(repaired);
  }
}
