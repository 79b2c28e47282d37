import type { Principal } from '../principal.ts';

/** What a request was about, and how it came. Never holds a secret. */
export interface AuditedRequest {
  /** With its service. */
  readonly action: string;
  readonly resource: string;
  /** Why: a role, a statement of a policy, what was read. */
  readonly reason: string;
  readonly requestId: string | undefined;
  /** The other end of the connection. */
  readonly sourceIp: string | undefined;
}

/** What was decided, and about whom. */
export interface AuditedDecision extends AuditedRequest {
  readonly principal: Principal;
}

/** Somebody whose proof was refused. */
export interface UnprovenRequest extends AuditedRequest {
  /** Of the key that the caller named. Only what has the form of an id: callers confuse it with the secret. */
  readonly accessKeyId: string | undefined;
}

/**
 * Where decisions and reads of credentials are written down. Must not be called inside a transaction of the database: what
 * happened stays written although the transaction fails.
 */
export interface Audit {
  /** A change that is allowed. Resolves when it is on disk; rejects when it cannot be, and then nothing may be changed. */
  allowed(decision: AuditedDecision): Promise<void>;
  /** A credential is about to be handed out. Resolves when that is on disk; rejects when it cannot be, and then it may not be. */
  read(decision: AuditedDecision): Promise<void>;
  /** Written soon; repeated ones are counted. Never throws and never keeps its caller waiting. */
  denied(decision: AuditedDecision): void;
  /** The same for callers who prove nothing. */
  unproven(request: UnprovenRequest): void;
}
