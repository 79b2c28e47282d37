import { status } from '@grpc/grpc-js';
import { BerthError } from '../../../shared/errors.ts';

/** The gRPC codes that containerd answers with. */
export type EngineErrorCode =
  | 'aborted'
  | 'already-exists'
  | 'cancelled'
  | 'deadline-exceeded'
  | 'failed-precondition'
  | 'invalid-argument'
  | 'not-found'
  | 'not-implemented'
  | 'out-of-range'
  | 'unavailable'
  | 'unknown';

/** containerd's own refusal, before a caller gives it a meaning. `details` is containerd's message. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: EngineErrorCode;
  readonly details: string;

  constructor(call: string, code: EngineErrorCode, details: string, cause?: unknown) {
    super(`containerd refused ${call}: ${details}`, { cause });
    this.code = code;
    this.details = details;
  }
}

const codes: Readonly<Record<number, EngineErrorCode>> = {
  [status.ABORTED]: 'aborted',
  [status.ALREADY_EXISTS]: 'already-exists',
  [status.CANCELLED]: 'cancelled',
  [status.DEADLINE_EXCEEDED]: 'deadline-exceeded',
  [status.FAILED_PRECONDITION]: 'failed-precondition',
  [status.INVALID_ARGUMENT]: 'invalid-argument',
  [status.NOT_FOUND]: 'not-found',
  [status.OUT_OF_RANGE]: 'out-of-range',
  [status.UNAVAILABLE]: 'unavailable',
  [status.UNIMPLEMENTED]: 'not-implemented',
};

/** `call` is a method's path, as in `/containerd.services.tasks.v1.Tasks/Create`. */
export function toEngineError(call: string, code: number, details: string, cause?: unknown): EngineError {
  const name = call.split('.').at(-1) ?? call;
  return new EngineError(name, codes[code] ?? 'unknown', details, cause);
}

export function isEngineError(error: unknown, ...oneOf: readonly EngineErrorCode[]): error is EngineError {
  return error instanceof EngineError && (oneOf.length === 0 || oneOf.includes(error.code));
}

/** What a caller of the driver or the blob store gets of a failure that it has no meaning of its own for. */
export function toBerthError(error: unknown): unknown {
  if (!(error instanceof EngineError)) return error;
  switch (error.code) {
    case 'not-found':
      return new BerthError('not-found', `containerd has no ${error.details}`, { cause: error });
    case 'unavailable':
    case 'deadline-exceeded':
    case 'cancelled':
      return new BerthError(
        'unavailable',
        `containerd does not answer (${error.details}). It is restarted by itself; try again, and look into its log if this stays.`,
        { cause: error },
      );
    case 'aborted':
    case 'already-exists':
    case 'failed-precondition':
    case 'invalid-argument':
    case 'not-implemented':
    case 'out-of-range':
    case 'unknown':
      return new BerthError('unavailable', `containerd failed: ${error.details}`, { cause: error });
  }
}

/** Runs `work` and turns containerd's refusals into `BerthError`s. */
export async function withBerthErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toBerthError(error);
  }
}

/** Runs `work`; undefined when containerd says that the thing is not there. */
export async function unlessNotFound<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isEngineError(error, 'not-found')) return undefined;
    throw error;
  }
}
