import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { PendingAuthentication } from '../auth/authenticator.ts';
import { callerId, type Principal } from '../auth/principal.ts';
import type { Clock } from '../shared/clock.ts';
import { bodyTooLarge, largestBodyBytes } from './body-errors.ts';
import { HashingBody } from './hashing-body.ts';
import type { Spool } from './spool-budget.ts';
import { spoolBody } from './spooled-body.ts';

export interface VerifiedBodyParts {
  /** Its body unread. */
  readonly request: IncomingMessage;
  readonly pending: PendingAuthentication;
  /** Shared by all requests of the server. */
  readonly spool: Spool;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface VerifiedBody extends AsyncDisposable {
  readonly principal: Principal;
  readonly sizeBytes: number;
  /** Lower-case hex: what it is, or what its caller has signed that it is; undefined for one that passes unsigned. */
  readonly sha256: string | undefined;
  /** It has been taken in whole and proven, away from the caller's connection. */
  readonly isSpooled: boolean;
  /**
   * To be read once. When the caller had signed the body's hash it is read from the connection and proven only at its end: the
   * last chunk is held back until then, and the stream is destroyed with `invalid-signature` on a mismatch, or with `validation`
   * when the caller goes away. Destroying it early leaves the request unread (see drainRequest), its connection open.
   */
  readonly stream: Readable;
  /** Frees memory and disk. Idempotent. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * The body of a request whose head is authenticated, for handing on. A body with a Content-Length is relayed as it arrives when
 * its hash is signed or when it needs none (bearer tokens); any other is spooled and proven first. Throws `validation` for more than 100,000,000 bytes (or one that breaks
 * off), `invalid-signature`, and `throttled` when the spool is full; the request is then not read to its end.
 */
export async function openVerifiedBody(parts: VerifiedBodyParts): Promise<VerifiedBody> {
  const body = await open(parts);
  // Whoever reads it hears of its failure, too; until then nobody may be there to listen.
  body.stream.on('error', () => {});
  return body;
}

async function open(parts: VerifiedBodyParts): Promise<VerifiedBody> {
  const { request, pending, clock, signal } = parts;
  signal.throwIfAborted();
  const sizeBytes = declaredSize(request);
  if (sizeBytes !== undefined && sizeBytes > largestBodyBytes) throw bodyTooLarge();
  const isProvenLater = pending.isBodySigned && pending.claimedBodySha256 === undefined;
  if (isProvenLater || sizeBytes === undefined || sizeBytes === 0) return openSpooled(parts);
  const verify = pending.isBodySigned ? (sha256: string) => void pending.verifyBody(sha256) : undefined;
  const stream = new HashingBody({ request, clock, verify });
  return {
    principal: pending.principal,
    sizeBytes,
    sha256: pending.claimedBodySha256,
    isSpooled: false,
    stream,
    async [Symbol.asyncDispose]() {
      stream.destroy();
    },
  };
}

async function openSpooled(parts: VerifiedBodyParts): Promise<VerifiedBody> {
  const { request, pending, spool, clock, signal } = parts;
  const key = callerId(pending.principal);
  const body = await spoolBody({ request, spool, key, clock, signal });
  try {
    const principal = pending.verifyBody(body.sha256);
    return {
      principal,
      sizeBytes: body.sizeBytes,
      sha256: body.sha256,
      isSpooled: true,
      stream: body.stream,
      [Symbol.asyncDispose]: () => body[Symbol.asyncDispose](),
    };
  } catch (error) {
    await body[Symbol.asyncDispose]();
    throw error;
  }
}

/** Node's parser has refused what is not a number, and holds the body to it. A request without either header has no body. */
function declaredSize({ headers }: IncomingMessage): number | undefined {
  if (headers['transfer-encoding'] !== undefined) return undefined;
  return Number(headers['content-length'] ?? 0);
}
