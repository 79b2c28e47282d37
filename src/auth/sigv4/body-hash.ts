import { BerthError } from '../../shared/errors.ts';
import type { RequestHead } from '../authenticator.ts';

/**
 * The body's SHA-256 as the caller claims it. It is part of what is signed even when the header itself is not. Throws
 * `invalid-signature` for the forms that leave the body unsigned or sign it chunk by chunk.
 */
export function bodyHashOf(head: RequestHead): string | undefined {
  return sha256OfBody(head.headers['x-amz-content-sha256']);
}

/** The same of a value from wherever it came. */
export function sha256OfBody(claimed: string | string[] | undefined): string | undefined {
  if (claimed === undefined) return undefined;
  if (typeof claimed === 'string' && /^[0-9a-f]{64}$/.test(claimed)) return claimed;
  throw new BerthError(
    'invalid-signature',
    'x-amz-content-sha256 must be the SHA-256 of the body, 64 lower-case hex digits; unsigned and streaming payloads (UNSIGNED-PAYLOAD, STREAMING-...) are not accepted.',
  );
}
