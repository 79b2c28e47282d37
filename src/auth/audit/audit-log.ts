import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../shared/clock.ts';
import { BerthError, messageOf } from '../../shared/errors.ts';
import { describePrincipal } from '../principal-arn.ts';
import type { Principal } from '../principal.ts';
import type { Audit, AuditedDecision, AuditedRequest, UnprovenRequest } from './audit.ts';
import type { AuditKind, NewAuditEntry } from './audit-entry.ts';
import type { AuditLimits, AuditStore } from './audit-store.ts';
import { RepeatWindow } from './repeat-window.ts';

export interface AuditLogParts {
  readonly store: Pick<AuditStore, 'append' | 'trim'>;
  readonly limits: AuditLimits;
  readonly clock: Clock;
  readonly events: AuditEvents;
}

export interface AuditEvents {
  /** Entries could not be written. A change or a read was refused for it; refusals wait for the next try. */
  auditDelayed(problem: { readonly error: unknown }): void;
  /** Refusals of which the log has only their number, or nothing if the server ends while it cannot be written. */
  auditLost(loss: { readonly refusals: number }): void;
}

/** Refusals wait so long for others, since nobody waits for them; longer from one failure to the next. */
const refusalsWaitMs = 500;
const longestRetryMs = 60_000;
/** Refusals that are kept for a disk that takes none. */
const mostWaiting = 2_000;
/** Refusals of one transaction, which nothing else goes on beside. */
const mostAtOnce = 500;
const trimEvery = 1_000;
const longestField = 512;

type RefusalKind = Extract<AuditKind, 'deny' | 'unproven'>;

interface Awaited {
  readonly entry: NewAuditEntry;
  readonly written: PromiseWithResolvers<void>;
}

/** The audit log in the database: entries that come at once are written in one transaction. */
export class AuditLog implements Audit, AsyncDisposable {
  readonly #parts: AuditLogParts;
  /** Those who prove nothing share less room for longer: everybody who reaches the server may be one of them. */
  readonly #windows = {
    deny: { lengthMs: 60_000, repeats: new RepeatWindow({ entries: 256, ofOneSource: 32 }) },
    unproven: { lengthMs: 600_000, repeats: new RepeatWindow({ entries: 64, ofOneSource: 16 }) },
  };
  // What asks for an entry may be part of a transaction, which the entry must not be.
  readonly #outside = AsyncLocalStorage.snapshot();
  readonly #timers = new Map<string, () => void>();
  #turn: Promise<void> = Promise.resolve();
  #awaited: Awaited[] = [];
  #refusals: NewAuditEntry[] = [];
  #lost = 0;
  #waitMs = refusalsWaitMs;
  #sinceTrim = trimEvery;

  constructor(parts: AuditLogParts) {
    this.#parts = parts;
  }

  allowed(decision: AuditedDecision): Promise<void> {
    return this.#writeNow(this.#decided('allow', decision));
  }

  read(decision: AuditedDecision): Promise<void> {
    return this.#writeNow(this.#decided('read', decision));
  }

  denied(decision: AuditedDecision): void {
    this.#refuse('deny', this.#decided('deny', decision), sourceOf(decision.principal));
  }

  unproven(request: UnprovenRequest): void {
    const { accessKeyId, sourceIp = '' } = request;
    const who = { principal: 'anonymous', accessKeyId };
    this.#refuse('unproven', this.#entryOf('unproven', who, request), sourceIp);
  }

  /** Removes what is too old or too much. Never rejects. */
  async trim(): Promise<void> {
    const { store, limits, clock, events } = this.#parts;
    this.#sinceTrim = 0;
    await store.trim(limits, clock.now()).catch((error: unknown) => events.auditDelayed({ error }));
  }

  /** Writes what waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancelTimers();
    this.#closeWindow('deny');
    this.#closeWindow('unproven');
    for (let left = Infinity; this.#refusals.length < left;) {
      left = this.#refusals.length;
      await this.#inTurn(() => this.#writeRefusals());
    }
    this.#cancelTimers();
    const refusals = this.#lost + countOf(this.#refusals.splice(0));
    if (refusals > 0) this.#parts.events.auditLost({ refusals });
  }

  async #writeNow(entry: NewAuditEntry): Promise<void> {
    const written = Promise.withResolvers<void>();
    this.#awaited.push({ entry, written });
    void this.#inTurn(() => this.#writeAwaited());
    await written.promise;
  }

  #refuse(kind: RefusalKind, entry: NewAuditEntry, source: string): void {
    const { repeats, lengthMs } = this.#windows[kind];
    const first = repeats.note(entry, source);
    this.#after(kind, lengthMs, () => this.#closeWindow(kind));
    if (first !== undefined) this.#wait([first]);
  }

  /** The refusals that were only counted get one entry each. */
  #closeWindow(kind: RefusalKind): void {
    this.#wait(this.#windows[kind].repeats.close());
  }

  #wait(refusals: readonly NewAuditEntry[]): void {
    if (refusals.length === 0) return;
    const room = Math.max(0, mostWaiting - this.#refusals.length);
    this.#refusals.push(...refusals.slice(0, room));
    this.#lost += countOf(refusals.slice(room));
    this.#scheduleRefusals();
  }

  #scheduleRefusals(): void {
    this.#after('write', this.#waitMs, () => void this.#inTurn(() => this.#writeRefusals()));
  }

  /** One transaction after the other. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    return this.#outside(() => (this.#turn = this.#turn.then(work)));
  }

  async #writeAwaited(): Promise<void> {
    const batch = this.#awaited.splice(0);
    if (batch.length === 0) return;
    try {
      await this.#append(batch.map(({ entry }) => entry));
      for (const { written } of batch) written.resolve();
    } catch (error) {
      const refusal = unwritten(error);
      for (const { written } of batch) written.reject(refusal);
    }
    await this.#trimInTime();
  }

  /** Apart from what is awaited, which fails for no refusal that cannot be written. */
  async #writeRefusals(): Promise<void> {
    const { events } = this.#parts;
    const [refusals, lost] = [this.#refusals.splice(0, mostAtOnce), this.#lost];
    const batch = lost === 0 ? refusals : [...refusals, this.#holeOf(lost)];
    if (batch.length === 0) return;
    try {
      await this.#append(batch);
      if (lost > 0) events.auditLost({ refusals: lost });
      this.#lost -= lost;
      this.#waitMs = refusalsWaitMs;
    } catch {
      this.#waitMs = Math.min(2 * this.#waitMs, longestRetryMs);
      this.#refusals.unshift(...refusals);
    }
    if (this.#refusals.length > 0) this.#scheduleRefusals();
    await this.#trimInTime();
  }

  async #append(entries: readonly NewAuditEntry[]): Promise<void> {
    const { store, events } = this.#parts;
    try {
      await store.append(entries);
      this.#sinceTrim += entries.length;
    } catch (error) {
      events.auditDelayed({ error });
      throw error;
    }
  }

  async #trimInTime(): Promise<void> {
    if (this.#sinceTrim >= trimEvery) await this.trim();
  }

  /** Keeps a timer of that name that runs already. */
  #after(name: string, delayMs: number, run: () => void): void {
    if (this.#timers.has(name)) return;
    const cancel = this.#parts.clock.after(delayMs, () => {
      this.#timers.delete(name);
      run();
    });
    this.#timers.set(name, cancel);
  }

  #cancelTimers(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** So that the log itself says that it lacks something. */
  #holeOf(lost: number): NewAuditEntry {
    const request = {
      ...{ action: 'berth:WriteAuditLog', resource: '*', requestId: undefined, sourceIp: undefined },
      reason: 'refusals for which there was no room while the log could not be written',
    };
    const who = { principal: 'berth', accessKeyId: undefined };
    return { ...this.#entryOf('deny', who, request), repeats: lost - 1 };
  }

  #decided(kind: AuditKind, decision: AuditedDecision): NewAuditEntry {
    const { principal } = decision;
    const accessKeyId = principal.kind === 'access-key' ? principal.accessKeyId : undefined;
    return this.#entryOf(kind, { principal: describePrincipal(principal), accessKeyId }, decision);
  }

  #entryOf(
    kind: AuditKind,
    { principal, accessKeyId }: Pick<NewAuditEntry, 'principal' | 'accessKeyId'>,
    { action, resource, reason, requestId, sourceIp }: AuditedRequest,
  ): NewAuditEntry {
    return {
      atMs: this.#parts.clock.now(),
      kind,
      principal: shorten(principal),
      accessKeyId,
      action: shorten(action),
      resource: shorten(resource),
      reason: shorten(reason),
      requestId,
      sourceIp,
      repeats: 0,
    };
  }
}

/** One agent may have many sandboxes, and be in many of them. */
function sourceOf(principal: Principal): string {
  return principal.kind === 'role' ? principal.runtimeId : describePrincipal(principal);
}

function countOf(entries: readonly NewAuditEntry[]): number {
  return entries.reduce((sum, { repeats }) => sum + 1 + repeats, 0);
}

function shorten(text: string): string {
  return text.length > longestField ? `${text.slice(0, longestField - 1)}…` : text;
}

function unwritten(error: unknown): BerthError {
  return new BerthError(
    'unavailable',
    `Nothing was done, because the audit log could not be written (${messageOf(error)}). Try again.`,
    { cause: error },
  );
}
