import { createHash } from 'node:crypto';
import type { RuntimeVersion } from '../../runtimes/runtime.ts';
import type { ListedSandbox, RunningSandbox, SandboxDriver } from '../../sandboxes/sandbox-driver.ts';
import type { SandboxLog } from '../../sandboxes/sandbox-log.ts';
import { BerthError } from '../../shared/errors.ts';
import type { RuntimeId, SandboxId, Scope } from '../../shared/ids.ts';
import type { SandboxBlueprint, SandboxStarter } from '../sandbox-starter.ts';
import type { NewIncarnation, SessionOwnership } from '../session-store.ts';
import type { Session } from '../session.ts';
import { RetriedWork } from '../retried-work.ts';
import type { PoolMember } from './pool-member.ts';
import type { PoolPlans } from './pool-plan.ts';
import { isPooling } from './pool-size.ts';
import type { PooledSandbox } from './pool-store.ts';
import { VersionPool, type VersionPoolParts } from './version-pool.ts';

export interface WarmPoolParts extends Omit<VersionPoolParts, 'room' | 'driver' | 'starter'> {
  readonly driver: VersionPoolParts['driver'] & Pick<SandboxDriver, 'list'>;
  readonly starter: Pick<SandboxStarter, 'start' | 'blueprint'>;
  readonly plans: PoolPlans;
  /** How many pooled sandboxes there may be now. */
  readonly mayHave: () => number;
}

/** A pooled sandbox that now is a session's. */
export interface ClaimedSandbox {
  readonly session: Session;
  readonly sandbox: RunningSandbox;
  readonly log: SandboxLog | undefined;
}

/** One version's pool as an operator sees it. */
export interface PoolView {
  readonly runtimeId: RuntimeId;
  readonly version: number;
  readonly wanted: number;
  readonly ready: number;
  readonly frozen: number;
  readonly starting: number;
  readonly problem: string | undefined;
  readonly sandboxIds: readonly SandboxId[];
}

const adjustEveryMs = 30_000;

/** Sandboxes started ahead of time, for versions whose runtime's options ask for it (docs/decisions/0018). */
export class WarmPool implements AsyncDisposable {
  readonly #parts: WarmPoolParts;
  readonly #pools = new Map<string, VersionPool>();
  /** Those that are being drained. */
  readonly #closing = new Map<VersionPool, Promise<void>>();
  /** The last planning of each runtime that has one. */
  readonly #plans = new Map<RuntimeId, Promise<void>>();
  /** Of a former server, or of this one before it was disposed of: not known yet whether they are wanted. No sweep takes them meanwhile. */
  readonly #former = new Set<SandboxId>();
  readonly #takeover: RetriedWork;
  #isOpen = false;
  #isClosed = false;
  #cancelAdjust = () => {};

  constructor(parts: WarmPoolParts) {
    this.#parts = parts;
    const onFailure = (error: unknown) =>
      parts.events.poolWorkDelayed({ what: 'take over pooled sandboxes', error });
    this.#takeover = new RetriedWork({ ...parts, onFailure });
    parts.plans.onChange((runtimeId) => {
      if (this.#isOpen) void this.#plan(runtimeId);
    });
  }

  /**
   * Takes over what a former server had made ready and is still wanted, or this one before it was disposed of; the rest is left
   * to the sweep. Then fills the pools. Never rejects: what cannot be done now is tried again.
   */
  async open(): Promise<void> {
    if (this.#isClosed) return;
    if (this.#isOpen) await this[Symbol.asyncDispose]();
    this.#isOpen = true;
    await this.#takeover.begin(
      () => this.#takeOver(),
      async () => this.#adjustAll(),
    );
  }

  /** How many pooled sandboxes there are, those that are starting included. */
  get size(): number {
    return [...this.#pools.values()].reduce((sum, pool) => sum + pool.members.size + pool.starting, 0);
  }

  view(): readonly PoolView[] {
    return [...this.#pools.values()].map((pool) => ({
      runtimeId: pool.of.version.runtimeId,
      version: pool.of.version.version,
      wanted: pool.wanted,
      ready: pool.members.size,
      frozen: [...pool.members].filter(({ isFrozen }) => isFrozen).length,
      starting: pool.starting,
      problem: pool.problem,
      sandboxIds: [...pool.members].map(({ sandbox }) => sandbox.id),
    }));
  }

  /**
   * A ready sandbox of the version, which from then on is the session's, written down as such. Undefined when there is none, or another server owns the
   * session: then a start says so. Rejects when the database cannot be written.
   */
  async claim(
    start: Omit<NewIncarnation, 'sandboxId'>,
    ownership: SessionOwnership,
  ): Promise<ClaimedSandbox | undefined> {
    // What has just been changed counts for this session.
    await this.#plans.get(start.runtimeId);
    const pool = this.#pools.get(poolKey(start.runtimeId, start.version));
    if (pool === undefined) return undefined;
    const claimed = await this.#claimFrom(pool, start, ownership);
    const { runtimeId, version } = start;
    this.#parts.events.poolAsked({ runtimeId, version, isHit: claimed !== undefined });
    pool.adjustSoon();
    return claimed;
  }

  async #claimFrom(
    pool: VersionPool,
    start: Omit<NewIncarnation, 'sandboxId'>,
    ownership: SessionOwnership,
  ): Promise<ClaimedSandbox | undefined> {
    const { steps } = this.#parts;
    pool.noteDemand();
    for (let member = pool.take(); member !== undefined; member = pool.take()) {
      const { sandbox, log } = member;
      try {
        await member.wake();
        steps?.reached('claim:thawed');
      } catch (error) {
        void pool.retire(member, 'unhealthy');
        // The others are with the same engine.
        if (error instanceof BerthError && error.code === 'unavailable') return undefined;
        continue;
      }
      const session = await this.#write(pool, member, start, ownership);
      if (session === undefined) return undefined;
      steps?.reached('claim:written');
      member[Symbol.dispose]();
      return { session, sandbox, log };
    }
    return undefined;
  }

  /** Whatever comes of it, a member that was to be a session's is nobody else's. */
  async #write(
    pool: VersionPool,
    member: PoolMember,
    start: Omit<NewIncarnation, 'sandboxId'>,
    ownership: SessionOwnership,
  ): Promise<Session | undefined> {
    const { store, clock } = this.#parts;
    let session: Session | undefined;
    try {
      session = await store.claim({ ...start, sandboxId: member.sandbox.id }, ownership, clock.now());
      return session;
    } finally {
      if (session === undefined) void pool.retire(member, 'ended');
    }
  }

  /** Ends up to `count` pooled sandboxes for those that need what they take. Resolves to how many, when they are gone. */
  async giveUp(count: number): Promise<number> {
    let given = 0;
    const largestFirst = [...this.#pools.values()].toSorted((a, b) => b.members.size - a.members.size);
    for (const pool of largestFirst) if (given < count) given += await pool.giveUp(count - given);
    return given;
  }

  /** Gives up what is more than there may be. */
  trim(): void {
    const excess = -this.#room();
    if (excess > 0) void this.giveUp(excess);
  }

  /** False when it is none of the pool's. */
  async evict(id: SandboxId): Promise<boolean> {
    for (const pool of this.#pools.values()) {
      const member = [...pool.members].find(({ sandbox }) => sandbox.id === id);
      if (member === undefined) continue;
      await pool.retire(member, 'given-up');
      return true;
    }
    return false;
  }

  /** Because a runtime, or one of its versions, is deleted: resolves when nothing of its pools is left. */
  async drain(runtimeId: string, version?: number): Promise<void> {
    const isDoomed = ({ of }: VersionPool) =>
      of.version.runtimeId === runtimeId && (version === undefined || of.version.version === version);
    for (const [key, pool] of this.#pools) if (isDoomed(pool)) void this.#close(key, pool);
    await Promise.all([...this.#closing].flatMap(([pool, closed]) => (isDoomed(pool) ? [closed] : [])));
  }

  /** Ends all pooled sandboxes, and keeps none from then on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#isOpen = false;
    await this.#takeover.stop();
    this.#cancelAdjust();
    await Promise.all(this.#plans.values());
    for (const [key, pool] of this.#pools) void this.#close(key, pool);
    await Promise.all(this.#closing.values());
  }

  /**
   * Starts no more; what is ready goes on running, for whoever opens it next: for this one it is a stranger's from now on, as another
   * server may make a session of it. Idempotent.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOpen = false;
    await this.#takeover.stop();
    this.#cancelAdjust();
    for (const pool of this.#pools.values()) pool.leave();
    await Promise.all(this.#plans.values());
    await Promise.all([...this.#pools.values()].map((pool) => pool.letGo()));
    await Promise.all(this.#closing.values());
    this.#pools.clear();
    for (const id of this.#former) this.#parts.sandboxIds.delete(id);
    this.#former.clear();
  }

  async #takeOver(): Promise<void> {
    const { plans, store, holder, driver, sandboxIds } = this.#parts;
    const rows = await store.listOwned(holder);
    // The others are of this pool already.
    for (const { sandboxId } of rows) if (!sandboxIds.has(sandboxId)) this.#former.add(sandboxId);
    for (const id of this.#former) sandboxIds.add(id);
    for (const runtimeId of await plans.listPooling()) await this.#plan(runtimeId, false);
    const sandboxes = new Map((await driver.list()).map((sandbox) => [sandbox.id, sandbox]));
    for (const row of rows)
      if (this.#former.has(row.sandboxId)) await this.#adopt(row, sandboxes.get(row.sandboxId));
  }

  #room = (): number => this.#parts.mayHave() - this.size;

  #adjustAll(): void {
    for (const pool of this.#pools.values()) pool.adjust();
    this.#cancelAdjust = this.#parts.clock.after(adjustEveryMs, () => this.#adjustAll());
  }

  async #adopt(row: PooledSandbox, sandbox: ListedSandbox | undefined): Promise<void> {
    const pool = this.#pools.get(poolKey(row.runtimeId, row.version));
    const isWanted = row.readyAtMs !== undefined && pool?.of.blueprintHash === row.blueprint;
    if (sandbox !== undefined && pool !== undefined && isWanted) await pool.adopt(row, sandbox);
    else {
      await this.#parts.store.remove(row.sandboxId);
      this.#parts.sandboxIds.delete(row.sandboxId);
    }
    this.#former.delete(row.sandboxId);
  }

  /** One planning of a runtime after the other, each by what is then written. Never rejects. */
  #plan(runtimeId: RuntimeId, isFilling = true): Promise<void> {
    const before = this.#plans.get(runtimeId) ?? Promise.resolve();
    const planning = before
      .then(() => this.#follow(runtimeId, isFilling))
      .catch((error: unknown) => this.#parts.events.poolWorkDelayed({ what: 'plan pools', error }))
      .finally(() => {
        if (this.#plans.get(runtimeId) === planning) this.#plans.delete(runtimeId);
      });
    this.#plans.set(runtimeId, planning);
    return planning;
  }

  async #follow(runtimeId: RuntimeId, isFilling: boolean): Promise<void> {
    if (!this.#isOpen) return;
    const { plans, starter } = this.#parts;
    const plan = await plans.findPlan(runtimeId);
    const versions = plan !== undefined && isPooling(plan.options) ? plan.versions : [];
    const kept = new Set<string>();
    for (const version of versions) {
      if (plan === undefined) break;
      const blueprint = await starter.blueprint(plan.scope, version);
      const key = poolKey(runtimeId, version.version);
      kept.add(key);
      const pool = this.#poolOf(key, plan.scope, version, blueprint);
      pool.adjust(plan.options, isFilling);
    }
    for (const [key, pool] of this.#pools)
      if (pool.of.version.runtimeId === runtimeId && !kept.has(key)) void this.#close(key, pool);
  }

  #poolOf(key: string, scope: Scope, version: RuntimeVersion, blueprint: SandboxBlueprint): VersionPool {
    const blueprintHash = createHash('sha256').update(JSON.stringify(blueprint)).digest('hex');
    const known = this.#pools.get(key);
    if (known?.of.blueprintHash === blueprintHash) return known;
    if (known !== undefined) void this.#close(key, known);
    const pool = new VersionPool(
      { scope, version, blueprint, blueprintHash },
      { ...this.#parts, room: this.#room },
    );
    this.#pools.set(key, pool);
    return pool;
  }

  #close(key: string, pool: VersionPool): Promise<void> {
    if (this.#pools.get(key) === pool) this.#pools.delete(key);
    const closed = pool.drain().finally(() => this.#closing.delete(pool));
    this.#closing.set(pool, closed);
    return closed;
  }
}

function poolKey(runtimeId: RuntimeId, version: number): string {
  return `${runtimeId} ${version}`;
}
