import type { RuntimeId, Scope, SessionId } from '../../shared/ids.ts';
import { sessionKey } from '../session-key.ts';
import type {
  ActivityRecord,
  NewIncarnation,
  SessionFilter,
  SessionPosition,
  SessionOwnership,
  SessionStore,
} from '../session-store.ts';
import { asleepStates, type Session } from '../session.ts';

interface Row {
  readonly session: Session;
  readonly ownership: SessionOwnership;
}

/** Survives the registries of a test as the database survives servers. */
export class MemorySessionStore implements SessionStore {
  readonly #rows = new Map<string, Row>();
  /** When set, every write fails with it. */
  failure: Error | undefined;

  async claim(
    start: NewIncarnation,
    ownership: SessionOwnership,
    nowMs: number,
  ): Promise<Session | undefined> {
    this.#failIfTold();
    const key = sessionKey(start.runtimeId, start.id);
    const known = this.#rows.get(key);
    const isOthers =
      known !== undefined &&
      known.session.state !== 'ended' &&
      known.ownership.holder !== ownership.holder &&
      known.ownership.expiresAtMs > nowMs;
    if (isOthers || (known !== undefined && asleepStates.has(known.session.state))) return undefined;
    const session: Session = {
      ...start.scope,
      runtimeId: start.runtimeId,
      id: start.id,
      incarnation: (known?.session.incarnation ?? 0) + 1,
      endpoint: start.endpoint,
      version: start.version,
      state: start.readyAtMs === undefined ? 'starting' : 'ready',
      sandboxId: start.sandboxId,
      startedAtMs: start.startedAtMs,
      readyAtMs: start.readyAtMs,
      lastActivityAtMs: start.startedAtMs,
      endedAtMs: undefined,
      endReason: undefined,
    };
    this.#rows.set(key, { session, ownership });
    return session;
  }

  async update(session: Session): Promise<void> {
    this.#failIfTold();
    this.#change(session, () => session);
  }

  async recordActivity(records: readonly ActivityRecord[]): Promise<void> {
    this.#failIfTold();
    for (const record of records) {
      this.#change(record, (session) =>
        session.lastActivityAtMs < record.atMs ? { ...session, lastActivityAtMs: record.atMs } : session,
      );
    }
  }

  async renewOwnership(ownership: SessionOwnership): Promise<void> {
    for (const [key, row] of this.#rows) {
      if (row.session.state !== 'ended' && row.ownership.holder === ownership.holder) {
        this.#rows.set(key, { ...row, ownership });
      }
    }
  }

  async find(runtimeId: RuntimeId, id: SessionId): Promise<Session | undefined> {
    return this.#rows.get(sessionKey(runtimeId, id))?.session;
  }

  async listOwned(holder: string, nowMs: number): Promise<readonly Session[]> {
    return [...this.#rows.values()]
      .filter(({ ownership }) => ownership.holder === holder || ownership.expiresAtMs <= nowMs)
      .map(({ session }) => session)
      .filter((session) => session.state !== 'ended');
  }

  async list(
    scope: Scope,
    { runtimeId, liveOnly, state, after, limit }: SessionFilter,
  ): Promise<readonly Session[]> {
    return [...this.#rows.values()]
      .map(({ session }) => session)
      .filter((session) => session.accountId === scope.accountId && session.region === scope.region)
      .filter((session) => runtimeId === undefined || session.runtimeId === runtimeId)
      .filter((session) => liveOnly !== true || session.state !== 'ended')
      .filter((session) => state === undefined || session.state === state)
      .filter((session) => after === undefined || comparePositions(positionOf(session), after) > 0)
      .sort((a, b) => comparePositions(positionOf(a), positionOf(b)))
      .slice(0, limit);
  }

  async forgetEnded(endedBeforeMs: number): Promise<void> {
    for (const [key, { session }] of this.#rows) {
      if (session.endedAtMs !== undefined && session.endedAtMs < endedBeforeMs) this.#rows.delete(key);
    }
  }

  #change(
    { runtimeId, id, incarnation }: Pick<Session, 'runtimeId' | 'id' | 'incarnation'>,
    change: (session: Session) => Session,
  ): void {
    const key = sessionKey(runtimeId, id);
    const row = this.#rows.get(key);
    if (row?.session.incarnation === incarnation)
      this.#rows.set(key, { ...row, session: change(row.session) });
  }

  #failIfTold(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}

function positionOf({ startedAtMs, runtimeId, id }: Session): SessionPosition {
  return [startedAtMs, runtimeId, id];
}

function comparePositions(a: SessionPosition, b: SessionPosition): number {
  return b[0] - a[0] || compareTexts(a[1], b[1]) || compareTexts(a[2], b[2]);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
