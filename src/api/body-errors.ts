import { BerthError } from '../shared/errors.ts';

/** Of an invocation (contract 3.1). */
export const largestBodyBytes = 100_000_000;

export function bodyTooLarge(): BerthError {
  return new BerthError('validation', `The request body is larger than ${largestBodyBytes} bytes.`, {
    reason: 'FieldValidationFailed',
    fields: [{ name: 'payload', message: `Must have at most ${largestBodyBytes} bytes.` }],
  });
}

export function bodyBrokeOff(): BerthError {
  return new BerthError('validation', 'The request broke off before the end of its body.', {
    reason: 'CannotParse',
  });
}

export function bodyStalled(limitMs: number): BerthError {
  return new BerthError(
    'validation',
    `Next to nothing of the request body arrived within ${limitMs / 1000} seconds.`,
    {
      reason: 'CannotParse',
    },
  );
}
