import { BerthError, type ErrorCode } from '../shared/errors.ts';

export interface WireError {
  readonly status: number;
  /** Lower-case names; `content-length` is the sender's. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ErrorContext {
  readonly requestId: string;
  /** The exceptions that the operation models, where its family spells one differently. */
  readonly modelled?: readonly string[] | undefined;
  /** Told of every failure that is a bug; the caller only sees its request id. */
  readonly failures: Failures;
}

/** Where failures that nobody expected are written down. */
export interface Failures {
  unexpected(failure: { readonly requestId: string; readonly error: unknown }): void;
}

interface WireName {
  readonly status: number;
  readonly name: string;
  /** How the Memory family spells it. */
  readonly otherName?: string;
}

/** docs/errors.md lists this table; statuses and names are the service model's (402 and 424 included). */
export const wireNames: Readonly<Record<ErrorCode, WireName>> = {
  validation: { status: 400, name: 'ValidationException' },
  'decryption-failed': { status: 400, name: 'DecryptionFailure' },
  'encryption-failed': { status: 400, name: 'EncryptionFailure' },
  'resource-limit': { status: 400, name: 'ResourceLimitExceededException' },
  unauthorized: { status: 401, name: 'UnauthorizedException' },
  'quota-exceeded': { status: 402, name: 'ServiceQuotaExceededException' },
  'access-denied': { status: 403, name: 'AccessDeniedException' },
  'missing-authentication': { status: 403, name: 'MissingAuthenticationTokenException' },
  'unrecognized-client': { status: 403, name: 'UnrecognizedClientException' },
  'invalid-signature': { status: 403, name: 'InvalidSignatureException' },
  'not-found': { status: 404, name: 'ResourceNotFoundException' },
  'unknown-operation': { status: 404, name: 'UnknownOperationException' },
  'not-acceptable': { status: 406, name: 'NotAcceptableException' },
  'concurrent-modification': { status: 409, name: 'ConcurrentModificationException' },
  conflict: { status: 409, name: 'ConflictException' },
  'retryable-conflict': { status: 409, name: 'RetryableConflictException' },
  'runtime-client-error': { status: 424, name: 'RuntimeClientError' },
  throttled: { status: 429, name: 'ThrottlingException', otherName: 'ThrottledException' },
  internal: { status: 500, name: 'InternalServerException', otherName: 'ServiceException' },
  'provider-failed': { status: 500, name: 'InternalServerException' },
  'not-implemented': { status: 501, name: 'NotImplementedException' },
  unavailable: { status: 503, name: 'ServiceUnavailableException' },
};

/** The answer to anything thrown. */
export function toWireError(error: unknown, context: ErrorContext): WireError {
  const { status, headers, content } = describeError(error, context);
  return { status, headers, body: JSON.stringify(content) };
}

export interface DescribedError extends Omit<WireError, 'body'> {
  readonly code: ErrorCode;
  readonly content: { readonly message: string };
}

/** What to say of anything thrown, in whatever form. What is not an expected failure becomes a 500 that tells nothing but its request id. */
export function describeError(error: unknown, context: ErrorContext): DescribedError {
  const expected = error instanceof BerthError && error.code !== 'internal' ? error : undefined;
  if (expected === undefined) context.failures.unexpected({ requestId: context.requestId, error });
  const code = expected?.code ?? 'internal';
  const { status, name, otherName } = wireNames[code];
  const isOther =
    otherName !== undefined &&
    context.modelled?.includes(otherName) === true &&
    !context.modelled.includes(name);
  return {
    code,
    status,
    headers: {
      'content-type': 'application/json',
      'x-amzn-errortype': isOther ? otherName : name,
      'x-amzn-requestid': context.requestId,
      ...(expected?.challenge !== undefined && { 'www-authenticate': expected.challenge }),
    },
    content: expected === undefined ? { message: hiddenMessage(context.requestId) } : bodyOf(expected),
  };
}

function bodyOf(error: BerthError): DescribedError['content'] {
  if (error.code !== 'validation') return { message: error.message };
  const fields = error.fields.map(({ name, message }) => ({ name, message }));
  return {
    message: error.message,
    ...(error.reason !== undefined && { reason: error.reason }),
    ...(fields.length > 0 && { fieldList: fields }),
  };
}

function hiddenMessage(requestId: string): string {
  return `The request failed inside the server. Its log says why under the request id ${requestId}.`;
}
