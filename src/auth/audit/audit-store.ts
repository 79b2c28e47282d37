import type { AuditEntry, AuditKind, NewAuditEntry } from './audit-entry.ts';

/** Every part that is there must fit. */
export interface AuditFilter {
  readonly sinceMs?: number | undefined;
  /** The first moment that is left out. */
  readonly untilMs?: number | undefined;
  /** The principal as it is shown, the end of it after the last slash, or the access key's id. */
  readonly principal?: string | undefined;
  /** With or without its service; `*` stands for any characters. */
  readonly action?: string | undefined;
  /** All of it, or the end after a slash; `*` stands for any characters. */
  readonly resource?: string | undefined;
  readonly kinds?: readonly AuditKind[] | undefined;
}

/** What is kept of each kind; the newest entry of a kind always is. */
export interface AuditLimits {
  readonly entries: number;
  /** Undefined: of any age. */
  readonly ageMs: number | undefined;
}

export interface AuditStore {
  /**
   * Puts each entry at the end of its kind's chain, in one transaction, whoever else writes to it; they are on disk when it
   * resolves. Rejects with what the database says, and then none of them is there.
   */
  append(entries: readonly NewAuditEntry[]): Promise<void>;
  /** Those with a greater number, rising. */
  listAfter(seq: number, filter: AuditFilter, limit: number): Promise<AuditPage>;
  /** The newest ones, falling, of those with a smaller number. */
  listBefore(seq: number, filter: AuditFilter, limit: number): Promise<readonly AuditEntry[]>;
  /** Removes the oldest of each kind that are too many, or too old at `nowMs`. */
  trim(limits: AuditLimits, nowMs: number): Promise<void>;
  /** Looks at every entry that is there. */
  verify(): Promise<AuditVerification>;
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** After which number to look for more: whatever fits up to it is here. */
  readonly upToSeq: number;
}

export interface AuditVerification {
  readonly entries: number;
  /** One for each chain that has entries. */
  readonly chains: readonly AuditChain[];
  /** The first entry that is not what was written, or does not follow the one before it. */
  readonly brokenAtSeq: number | undefined;
}

export interface AuditChain {
  /** A kind; `mixed` holds what was written before each kind had a chain of its own. */
  readonly name: string;
  readonly entries: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Of the last entry: noted elsewhere, it proves later that the end was not cut off. */
  readonly lastHash: string;
}
