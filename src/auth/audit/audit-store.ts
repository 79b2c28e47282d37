import type { AuditEntry, AuditKind, NewAuditEntry } from './audit-entry.ts';

/** Every part that is there must fit. */
export interface AuditFilter {
  readonly sinceMs?: number | undefined;
  /** The principal as it is shown, the end of it after the last slash, or the access key's id. */
  readonly principal?: string | undefined;
  /** With or without its service; `*` stands for any characters. */
  readonly action?: string | undefined;
  readonly kind?: AuditKind | undefined;
}

export interface AuditStore {
  /** Puts the entries at the chain's end, in one transaction, whoever else writes to it; they are on disk when it resolves. */
  append(entries: readonly NewAuditEntry[]): Promise<void>;
  /** Those with a greater number, rising. */
  listAfter(seq: number, filter: AuditFilter, limit: number): Promise<readonly AuditEntry[]>;
  /** The newest ones, falling, of those with a smaller number. */
  listBefore(seq: number, filter: AuditFilter, limit: number): Promise<readonly AuditEntry[]>;
  /** Removes the oldest, so that `most` are left. */
  trim(most: number): Promise<void>;
  /** Looks at every entry that is there. */
  verify(): Promise<AuditVerification>;
}

export interface AuditVerification {
  readonly entries: number;
  readonly firstSeq: number | undefined;
  readonly lastSeq: number | undefined;
  /** Of the last entry: noted elsewhere, it proves later that the end was not cut off. */
  readonly lastHash: string | undefined;
  /** The first entry that is not what was written, or does not follow the one before it. */
  readonly brokenAtSeq: number | undefined;
}
