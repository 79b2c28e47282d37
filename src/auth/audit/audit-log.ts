import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../shared/clock.ts';
import { BerthError, messageOf } from '../../shared/errors.ts';
import { describePrincipal } from '../principal-arn.ts';
import type { Audit, AuditedDecision } from './audit.ts';
import type { AuditKind, NewAuditEntry } from './audit-entry.ts';
import type { AuditStore } from './audit-store.ts';

export interface AuditLogParts {
  readonly store: Pick<AuditStore, 'append' | 'trim'>;
  /** The most entries that are kept; the oldest go first. */
  readonly maxEntries: number;
  readonly clock: Clock;
  readonly events: { auditDelayed(problem: { readonly error: unknown }): void };
}

/** Refusals wait so long for others, since nobody waits for them. */
const denialsWaitMs = 500;
/** A refusal like one that was written this long ago is only counted. */
const repeatWindowMs = 60_000;
/** Different refusals of one window; more than that are counted as one, by principal. */
const mostDistinct = 256;
const mostDistinctOthers = 256;
const trimEvery = 1_000;
const longestField = 512;

interface Waiting {
  readonly entry: NewAuditEntry;
  readonly written: PromiseWithResolvers<void> | undefined;
}

/** The audit log in the database: entries that come at once are written in one transaction. */
export class AuditLog implements Audit, AsyncDisposable {
  readonly #parts: AuditLogParts;
  readonly #repeats = new Map<string, { entry: NewAuditEntry; count: number }>();
  // What asks for an entry may be part of a transaction, which the entry must not be.
  readonly #outside = AsyncLocalStorage.snapshot();
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #cancelWait: (() => void) | undefined;
  #cancelWindow: (() => void) | undefined;
  #sinceTrim = trimEvery;

  constructor(parts: AuditLogParts) {
    this.#parts = parts;
  }

  allowed(decision: AuditedDecision): Promise<void> {
    return this.#writeNow(this.#entryOf('allow', decision));
  }

  read(decision: AuditedDecision): Promise<void> {
    return this.#writeNow(this.#entryOf('read', decision));
  }

  denied(decision: AuditedDecision): void {
    const entry = this.#entryOf('deny', decision);
    const { principal, action, resource, reason, sourceIp } = entry;
    const isFull = this.#repeats.size >= mostDistinct;
    const key = JSON.stringify([principal, action, resource, reason, sourceIp]);
    const otherKey = JSON.stringify([principal]);
    const known = this.#repeats.get(key) ?? (isFull ? this.#repeats.get(otherKey) : undefined);
    if (known !== undefined) {
      known.count += 1;
      known.entry = { ...known.entry, atMs: entry.atMs };
      return;
    }
    if (this.#repeats.size >= mostDistinct + mostDistinctOthers) return;
    const kept = isFull ? { ...entry, action: '*', resource: '*', reason: 'various' } : entry;
    this.#repeats.set(isFull ? otherKey : key, { entry: kept, count: 0 });
    this.#waiting.push({ entry: kept, written: undefined });
    this.#outside(() => this.#scheduleDenials());
  }

  /** Writes what waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancelWindow?.();
    this.#closeWindow();
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    await this.#outside(() => this.#write());
  }

  async #writeNow(entry: NewAuditEntry): Promise<void> {
    const written = Promise.withResolvers<void>();
    this.#waiting.push({ entry, written });
    void this.#outside(() => this.#write());
    await written.promise;
  }

  #scheduleDenials(): void {
    const { clock } = this.#parts;
    this.#cancelWait ??= clock.after(denialsWaitMs, () => {
      this.#cancelWait = undefined;
      void this.#write();
    });
    this.#cancelWindow ??= clock.after(repeatWindowMs, () => {
      this.#closeWindow();
      void this.#write();
    });
  }

  /** The refusals that were only counted get one entry each. */
  #closeWindow(): void {
    this.#cancelWindow = undefined;
    for (const { entry, count } of this.#repeats.values()) {
      if (count > 0) this.#waiting.push({ entry: { ...entry, repeats: count - 1 }, written: undefined });
    }
    this.#repeats.clear();
  }

  /** One transaction after the other; never rejects. */
  async #write(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
    if (this.#waiting.length === 0) return;
    this.#writing = this.#writeAll();
    await this.#writing;
    this.#writing = undefined;
  }

  async #writeAll(): Promise<void> {
    const { store, maxEntries, events } = this.#parts;
    // Those that come meanwhile go with the next.
    await Promise.resolve();
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      await store.append(batch.map(({ entry }) => entry));
      for (const { written } of batch) written?.resolve();
      this.#sinceTrim += batch.length;
      if (this.#sinceTrim < trimEvery) return;
      this.#sinceTrim = 0;
      await store.trim(maxEntries);
    } catch (error) {
      events.auditDelayed({ error });
      const refusal = unwritten(error);
      for (const { written } of batch) written?.reject(refusal);
    }
  }

  #entryOf(kind: AuditKind, decision: AuditedDecision): NewAuditEntry {
    const { principal, action, resource, reason, requestId, sourceIp } = decision;
    return {
      atMs: this.#parts.clock.now(),
      kind,
      principal: shorten(describePrincipal(principal)),
      accessKeyId: principal.kind === 'access-key' ? principal.accessKeyId : undefined,
      action: shorten(action),
      resource: shorten(resource),
      reason: shorten(reason),
      requestId,
      sourceIp,
      repeats: 0,
    };
  }
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
