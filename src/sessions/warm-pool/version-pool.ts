import type { RuntimeVersion } from '../../runtimes/runtime.ts';
import type { SandboxOptions } from '../../runtimes/sandbox-options.ts';
import type { RunningSandbox, SandboxDriver } from '../../sandboxes/sandbox-driver.ts';
import type { SandboxLogArchive } from '../../sandboxes/sandbox-log-archive.ts';
import { lastLines } from '../../sandboxes/sandbox-log-reading.ts';
import type { SandboxLog } from '../../sandboxes/sandbox-log.ts';
import type { Clock } from '../../shared/clock.ts';
import { messageOf } from '../../shared/errors.ts';
import { newSandboxId, type RandomSource, type SandboxId, type Scope } from '../../shared/ids.ts';
import type { Steps } from '../../shared/steps.ts';
import type { AgentProbe } from '../agent-probe.ts';
import type { SandboxBlueprint, SandboxStarter } from '../sandbox-starter.ts';
import type { PoolEvents, RetirementReason } from './pool-events.ts';
import { PoolMember } from './pool-member.ts';
import { wantedMembers } from './pool-size.ts';
import type { PooledSandbox, PoolStore } from './pool-store.ts';
import { RecentDemand } from './recent-demand.ts';

export interface VersionPoolParts {
  readonly store: PoolStore;
  readonly starter: Pick<SandboxStarter, 'start'>;
  readonly driver: Pick<SandboxDriver, 'remove' | 'waitForExit' | 'pause' | 'resume'>;
  readonly probe: Pick<AgentProbe, 'check'>;
  readonly logs: Pick<SandboxLogArchive, 'begin' | 'end'>;
  readonly events: PoolEvents;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly holder: string;
  readonly pingIntervalMs: number;
  readonly stopGraceMs: number;
  /** What a sweep leaves alone: grows before a sandbox is started and shrinks once it is gone. */
  readonly sandboxIds: Set<SandboxId>;
  /** How many more sandboxes all pools together may have now; below zero, some have to go. */
  readonly room: () => number;
  /** For tests that kill the server at each of them. */
  readonly steps?: Steps | undefined;
}

interface PoolOf {
  readonly scope: Scope;
  readonly version: RuntimeVersion;
  readonly blueprint: SandboxBlueprint;
  /** Hash of `blueprint`. */
  readonly blueprintHash: string;
}

const firstRetryMs = 1_000;
const afterClaimMs = 250;
const longestRetryMs = 5 * 60_000;
/** After members were given up: what needed their place should have it for a while. */
const afterGiveUpMs = 60_000;
const logTail = { lines: 20, maxBytes: 16 * 1024 };

/** The sandboxes of one version that are ready for any session. They are started one after the other, behind all that somebody waits for. */
export class VersionPool {
  readonly of: PoolOf;
  readonly #parts: VersionPoolParts;
  readonly #members = new Set<PoolMember>();
  readonly #demand = new RecentDemand();
  readonly #closing = new AbortController();
  readonly #retirements = new Set<Promise<void>>();
  #options: SandboxOptions = {};
  #starting: Promise<void> | undefined;
  #retryAtMs = 0;
  #retryMs = firstRetryMs;
  #cancelRetry = () => {};
  #cancelAdjust: (() => void) | undefined;
  /** Why there are fewer than wanted; undefined when nothing is wrong. */
  problem: string | undefined;

  constructor(of: PoolOf, parts: VersionPoolParts) {
    this.of = of;
    this.#parts = parts;
  }

  get members(): ReadonlySet<PoolMember> {
    return this.#members;
  }

  get starting(): number {
    return this.#starting === undefined ? 0 : 1;
  }

  get wanted(): number {
    return wantedMembers(this.#options, this.#demand.busiest(this.#parts.clock.now()));
  }

  /** As options and demand are now: starts what is missing, ends what is too much. */
  adjust(options = this.#options, isFilling = true): void {
    this.#options = options;
    if (!isFilling) return;
    if (options['pool-frozen'] === true) for (const member of this.#members) void member.freeze();
    const excess = [...this.#members].toReversed().slice(0, Math.max(0, this.#members.size - this.wanted));
    for (const member of excess) void this.retire(member, 'too-many');
    this.#refill();
  }

  /** After a claim: the call that it was for should not share the processors with a start. */
  adjustSoon(): void {
    this.#cancelAdjust ??= this.#parts.clock.after(afterClaimMs, () => {
      this.#cancelAdjust = undefined;
      if (!this.#closing.signal.aborted) this.adjust();
    });
  }

  /** A session of this version begins. */
  noteDemand(): void {
    this.#demand.note(this.#parts.clock.now());
  }

  /** The longest ready member whose agent is known to be well, out of the pool; undefined: none. */
  take(): PoolMember | undefined {
    for (const member of this.#members) {
      if (!member.isProven) continue;
      this.#members.delete(member);
      return member;
    }
    return undefined;
  }

  /** Takes over what a former server had made ready. */
  async adopt(row: PooledSandbox, sandbox: RunningSandbox & { isPaused: boolean }): Promise<void> {
    const { logs, sandboxIds } = this.#parts;
    sandboxIds.add(sandbox.id);
    const log = await logs.begin(row.runtimeId, sandbox.id).catch(() => undefined);
    this.#enter(sandbox, log, row.readyAtMs ?? 0, { isFrozen: sandbox.isPaused });
  }

  /** Ends a sandbox of this pool, for good. Never rejects: what the engine does not remove now is the next sweep's. */
  retire(member: PoolMember, reason: RetirementReason): Promise<void> {
    const { events } = this.#parts;
    const { id } = member.sandbox;
    this.#members.delete(member);
    member[Symbol.dispose]();
    events.pooledRetired({ ...this.#name, sandboxId: id, reason });
    const retirement = member
      .settled()
      .then(() => this.#remove(id, reason))
      .finally(() => this.#retirements.delete(retirement));
    this.#retirements.add(retirement);
    return retirement;
  }

  /** Ends up to `count` members, the last first, and starts none for a while. Resolves to how many. */
  async giveUp(count: number): Promise<number> {
    const { clock } = this.#parts;
    this.#retryAtMs = Math.max(this.#retryAtMs, clock.now() + afterGiveUpMs);
    this.problem = 'The machine needs what its sandboxes took.';
    this.#scheduleRefill();
    const given = [...this.#members].toReversed().slice(0, count);
    await Promise.all(given.map((member) => this.retire(member, 'given-up')));
    return given.length;
  }

  /** Ends everything in it; resolves when it is gone. */
  async drain(): Promise<void> {
    this.leave();
    await this.#starting;
    for (const member of this.#members) void this.retire(member, 'outdated');
    await Promise.all(this.#retirements);
  }

  /** Starts no more; what is ready goes on running, for the next server. */
  leave(): void {
    this.#closing.abort(new Error('The pool is closing.'));
    this.#cancelRetry();
    this.#cancelAdjust?.();
  }

  /** After `leave`: knows its members no longer, and leaves them as they are. Resolves when nothing is under way. */
  async letGo(): Promise<void> {
    await this.#starting;
    for (const member of this.#members) {
      member[Symbol.dispose]();
      this.#parts.sandboxIds.delete(member.sandbox.id);
    }
    this.#members.clear();
    await Promise.all(this.#retirements);
  }

  get #name() {
    const { version } = this.of;
    return { runtimeId: version.runtimeId, version: version.version };
  }

  #refill(): void {
    const { clock, room } = this.#parts;
    if (this.#closing.signal.aborted || this.#starting !== undefined) return;
    if (this.#members.size >= this.wanted || room() <= 0 || clock.now() < this.#retryAtMs) return;
    this.#starting = this.#startOne().finally(() => {
      this.#starting = undefined;
      this.#refill();
    });
  }

  #scheduleRefill(): void {
    const { clock } = this.#parts;
    this.#cancelRetry();
    this.#cancelRetry = clock.after(Math.max(0, this.#retryAtMs - clock.now()), () => this.#refill());
  }

  async #startOne(): Promise<void> {
    const { store, starter, sandboxIds, clock, random, holder, events, steps } = this.#parts;
    const { scope, version, blueprint, blueprintHash } = this.of;
    const { signal } = this.#closing;
    const startedAtMs = clock.now();
    const sandboxId = newSandboxId(random);
    let log: SandboxLog | undefined;
    sandboxIds.add(sandboxId);
    try {
      await store.add({ ...this.#name, sandboxId, blueprint: blueprintHash, readyAtMs: undefined }, holder);
      steps?.reached('pool:added');
      const onLog = (its: SandboxLog) => (log = its);
      const start = {
        sandboxId,
        scope,
        version,
        storage: undefined,
        signal,
        onLog,
        blueprint,
        isAhead: true,
      };
      const sandbox = await starter.start(start);
      signal.throwIfAborted();
      steps?.reached('pool:started');
      const readyAtMs = clock.now();
      await store.markReady(sandboxId, readyAtMs);
      steps?.reached('pool:ready');
      this.#enter(sandbox, log, readyAtMs, { provenAtMs: readyAtMs });
      this.#retryMs = firstRetryMs;
      this.problem = undefined;
      events.pooledReady({ ...this.#name, sandboxId, durationMs: readyAtMs - startedAtMs });
    } catch (error) {
      const logLines = log === undefined ? [] : await lastLines(log, logTail).catch(() => []);
      await this.#remove(sandboxId, 'unhealthy');
      if (!signal.aborted) this.#fail(error, logLines);
    }
  }

  #fail(error: unknown, logLines: readonly string[]): void {
    const { clock, events } = this.#parts;
    this.problem = messageOf(error);
    this.#retryAtMs = clock.now() + this.#retryMs;
    events.refillFailed({ ...this.#name, reason: this.problem, retryInMs: this.#retryMs, logLines });
    this.#retryMs = Math.min(longestRetryMs, this.#retryMs * 2);
    this.#scheduleRefill();
  }

  #enter(
    sandbox: RunningSandbox,
    log: SandboxLog | undefined,
    readyAtMs: number,
    known: { readonly provenAtMs?: number; readonly isFrozen?: boolean },
  ): void {
    const member: PoolMember = new PoolMember({
      ...this.#parts,
      sandbox,
      version: this.of.version,
      log,
      readyAtMs,
      provenAtMs: known.provenAtMs,
      isFrozen: known.isFrozen ?? false,
      onUseless: (reason) => {
        if (!this.#members.has(member)) return;
        void this.retire(member, reason);
        this.#refill();
      },
    });
    this.#members.add(member);
    if (this.#options['pool-frozen'] === true) void member.freeze();
  }

  async #remove(id: SandboxId, reason: RetirementReason): Promise<void> {
    const { store, driver, sandboxIds, logs, events, stopGraceMs } = this.#parts;
    try {
      // First, so that no session gets what is being removed.
      await store.remove(id);
      await driver.remove(id, reason === 'too-many' || reason === 'outdated' ? stopGraceMs : 0);
    } catch (error) {
      events.poolWorkDelayed({ what: 'remove pooled sandbox', error });
    }
    sandboxIds.delete(id);
    logs.end(id);
  }
}
