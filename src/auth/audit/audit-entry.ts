import { createHmac } from 'node:crypto';

/**
 * `allow` and `deny` are decisions about proven callers; `read` hands out a credential; `unproven` is a caller whose proof was refused.
 * Each kind has a chain and a bound of its own: none of them can push out another one's entries.
 */
export const auditKinds = ['allow', 'deny', 'read', 'unproven'] as const;

export type AuditKind = (typeof auditKinds)[number];

/** One line of the audit log, before it has its place in its chain. */
export interface NewAuditEntry {
  readonly atMs: number;
  readonly kind: AuditKind;
  /** An ARN, subject and issuer of a bearer token, or `anonymous`. */
  readonly principal: string;
  /** Of an unproven caller: the one that it named. */
  readonly accessKeyId: string | undefined;
  readonly action: string;
  readonly resource: string;
  readonly reason: string;
  readonly requestId: string | undefined;
  readonly sourceIp: string | undefined;
  /** How many more like it there were, up to `atMs`. */
  readonly repeats: number;
}

export interface AuditEntry extends NewAuditEntry {
  /** Rising, over all kinds. */
  readonly seq: number;
  /** Hex. */
  readonly hash: string;
}

/** What stands for the entry before the first. */
export const chainStart = '';

/**
 * Binds an entry to all of its kind before it. With a key of the server's, so that whoever can write to the database, but does not have
 * the master key, cannot make a chain that fits.
 */
export function hashEntry(key: Uint8Array, previousHash: string, entry: Omit<AuditEntry, 'hash'>): string {
  const { seq, atMs, kind, principal, accessKeyId = null, action, resource, reason } = entry;
  const { requestId = null, sourceIp = null, repeats } = entry;
  const fields = [seq, atMs, kind, principal, accessKeyId, action, resource, reason];
  return createHmac('sha256', key)
    .update(JSON.stringify([previousHash, ...fields, requestId, sourceIp, repeats]))
    .digest('hex');
}
