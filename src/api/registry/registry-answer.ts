import { BerthError, type ErrorCode } from '../../shared/errors.ts';
import { type DistributionCode, DistributionError } from '../../images/repositories/distribution-error.ts';
import { UploadOffsetError } from '../../images/repositories/uploads.ts';
import { type Failures, wireNames } from '../errors.ts';

/** What a handler wants sent; the sender adds lengths and leaves bodies out for HEAD. */
export interface RegistryAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | SizedStream;
}

export interface SizedStream {
  readonly sizeBytes: number;
  /** Not begun when the answer is to a HEAD. */
  open(): AsyncIterable<Uint8Array>;
}

/** 401 with the challenge that tells the client where to get a token. */
export class LoginRequired extends DistributionError {
  override readonly challenge: string;

  constructor(challenge: string, message: string) {
    super('unauthorized', 'UNAUTHORIZED', message);
    this.challenge = challenge;
  }
}

export class MethodNotAllowed extends DistributionError {
  readonly allowed: string;

  constructor(methods: readonly string[]) {
    const allowed = methods.join(', ');
    super('validation', 'UNSUPPORTED', `This path takes ${allowed} only.`);
    this.allowed = allowed;
  }
}

/** A failure as `{errors: [{code, message}]}`. What nobody expected tells nothing but its request id. */
export function toRegistryAnswer(error: unknown, requestId: string, failures: Failures): RegistryAnswer {
  if (!(error instanceof BerthError) || error.code === 'internal') {
    failures.unexpected({ requestId, error });
    const message = `The request failed inside the server. Its log says why under the request id ${requestId}.`;
    return errorAnswer(500, 'UNKNOWN', message);
  }
  const code =
    error instanceof DistributionError ? error.distributionCode : (codes[error.code] ?? 'UNSUPPORTED');
  const answer = errorAnswer(statusOf(error), code, error.message);
  if (error instanceof LoginRequired) return withHeaders(answer, { 'www-authenticate': error.challenge });
  if (error instanceof UploadOffsetError) return withHeaders(answer, { range: receivedRange(error.offset) });
  if (error instanceof MethodNotAllowed) return withHeaders(answer, { allow: error.allowed });
  if (error.code === 'throttled' || error.code === 'unavailable')
    return withHeaders(answer, { 'retry-after': '5' });
  return answer;
}

/** How the registry protocol says that `offset` bytes have arrived; there is no way to say none. */
export function receivedRange(offset: number): string {
  return `0-${Math.max(0, offset - 1)}`;
}

const codes: Partial<Record<ErrorCode, DistributionCode>> = {
  'access-denied': 'DENIED',
  unauthorized: 'UNAUTHORIZED',
  'not-found': 'BLOB_UNKNOWN',
  throttled: 'TOOMANYREQUESTS',
};

function statusOf(error: BerthError): number {
  if (error instanceof UploadOffsetError) return 416;
  if (error instanceof MethodNotAllowed) return 405;
  if (
    error instanceof DistributionError &&
    error.distributionCode === 'SIZE_INVALID' &&
    error.code === 'quota-exceeded'
  ) {
    return 413;
  }
  return wireNames[error.code].status;
}

function errorAnswer(status: number, code: DistributionCode | 'UNKNOWN', message: string): RegistryAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ errors: [{ code, message }] }),
  };
}

function withHeaders(answer: RegistryAnswer, headers: Readonly<Record<string, string>>): RegistryAnswer {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}
