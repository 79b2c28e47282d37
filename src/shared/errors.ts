/**
 * Every failure that Berth expects. `api/errors.ts` maps each code to one wire error; a code without a mapping does
 * not compile. docs/errors.md lists them.
 */
export type ErrorCode =
  | 'access-denied'
  | 'concurrent-modification'
  | 'conflict'
  | 'decryption-failed'
  | 'encryption-failed'
  | 'internal'
  | 'invalid-signature'
  | 'missing-authentication'
  | 'not-acceptable'
  | 'not-found'
  | 'not-implemented'
  | 'provider-failed'
  | 'quota-exceeded'
  | 'resource-limit'
  | 'retryable-conflict'
  | 'runtime-client-error'
  | 'throttled'
  | 'unauthorized'
  | 'unavailable'
  | 'unknown-operation'
  | 'unrecognized-client'
  | 'validation';

/** The service model's reasons of a ValidationException (control plane and data plane together). */
export type ValidationReason =
  | 'CannotParse'
  | 'FieldValidationFailed'
  | 'IdempotentParameterMismatchException'
  | 'ResourceConflict';

/** One refused member: `name` is its path in the request (`/runtimes/…` members by their model name). */
export interface FieldProblem {
  readonly name: string;
  readonly message: string;
}

export interface ErrorDetails {
  readonly cause?: unknown;
  readonly reason?: ValidationReason;
  readonly fields?: readonly FieldProblem[];
  /** Of a 401: the WWW-Authenticate header. */
  readonly challenge?: string | undefined;
}

/** An expected failure. The message reaches the caller: it says what was wrong, what was expected, what to do. */
export class BerthError extends Error {
  override readonly name = 'BerthError';
  readonly code: ErrorCode;
  readonly reason: ValidationReason | undefined;
  readonly fields: readonly FieldProblem[];
  readonly challenge: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.reason = details.reason;
    this.fields = details.fields ?? [];
    this.challenge = details.challenge;
  }
}

/** A refused member of a request. */
export function invalidField(name: string, message: string): BerthError {
  return new BerthError('validation', message, {
    reason: 'FieldValidationFailed',
    fields: [{ name, message }],
  });
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether the same may succeed later: the engine or another server did not answer, or it is a bug. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof BerthError) || error.code === 'unavailable' || error.code === 'internal';
}
