import { createHmac } from 'node:crypto';

/** `allow` and `deny` are decisions; `read` hands out a credential. */
export const auditKinds = ['allow', 'deny', 'read'] as const;

export type AuditKind = (typeof auditKinds)[number];

/** One line of the audit log, before it has its place in the chain. */
export interface NewAuditEntry {
  readonly atMs: number;
  readonly kind: AuditKind;
  /** An ARN, or subject and issuer of a bearer token. */
  readonly principal: string;
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
  /** From 1, without gaps. */
  readonly seq: number;
  /** Hex. */
  readonly hash: string;
}

/** What stands for the entry before the first. */
export const chainStart = '';

/**
 * Binds an entry to all before it. With a key of the server's, so that whoever can write to the database, but does not have the
 * master key, cannot make a chain that fits.
 */
export function hashEntry(key: Uint8Array, previousHash: string, entry: Omit<AuditEntry, 'hash'>): string {
  const { seq, atMs, kind, principal, accessKeyId = null, action, resource, reason } = entry;
  const { requestId = null, sourceIp = null, repeats } = entry;
  const fields = [seq, atMs, kind, principal, accessKeyId, action, resource, reason];
  return createHmac('sha256', key)
    .update(JSON.stringify([previousHash, ...fields, requestId, sourceIp, repeats]))
    .digest('hex');
}
