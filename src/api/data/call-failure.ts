import type { ErrorCode } from '../../shared/errors.ts';

/** What a call failed with, as its span names it. */
export type CallFailure = ErrorCode | 'caller-left';

/** As AWS counts them: UserErrors, SystemErrors, Throttles. */
export type CallErrorKind = 'user' | 'system' | 'throttle';

/** Whose fault a failure was. An agent's is its user's, as AWS's 424 has it; a caller that leaves is nobody's. */
const kinds: Readonly<Record<CallFailure, CallErrorKind | undefined>> = {
  'access-denied': 'user',
  'caller-left': undefined,
  'concurrent-modification': 'user',
  conflict: 'user',
  'decryption-failed': 'system',
  'encryption-failed': 'system',
  internal: 'system',
  'invalid-signature': 'user',
  'missing-authentication': 'user',
  'not-acceptable': 'user',
  'not-found': 'user',
  'not-implemented': 'system',
  'provider-failed': 'system',
  'quota-exceeded': 'user',
  'resource-limit': 'user',
  'retryable-conflict': 'user',
  'runtime-client-error': 'user',
  throttled: 'throttle',
  unauthorized: 'user',
  unavailable: 'system',
  'unknown-operation': 'user',
  'unrecognized-client': 'user',
  validation: 'user',
};

export function errorKindOf(failure: CallFailure | undefined): CallErrorKind | undefined {
  return failure === undefined ? undefined : kinds[failure];
}
