import { BerthError } from '../shared/errors.ts';

/** The text that AWS uses and clients look for (contract 1.6). */
export function operationInProgress(): BerthError {
  return new BerthError('retryable-conflict', 'Session operation in progress, please retry');
}
