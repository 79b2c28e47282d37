import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Transform, type TransformCallback } from 'node:stream';
import type { Clock } from '../shared/clock.ts';
import { bodyBrokeOff } from './body-errors.ts';
import { watchForStall } from './stall-limit.ts';

export interface HashingBodyParts {
  readonly request: IncomingMessage;
  /** Undefined when the body is not bound to its caller: it is relayed as it is. */
  readonly verify: ((sha256: string) => void) | undefined;
  readonly clock: Clock;
}

/** Relays a request's body while it is hashed, always one chunk behind, so that the last one leaves only after `verify`. */
export class HashingBody extends Transform {
  readonly #hash = createHash('sha256');
  readonly #verify: HashingBodyParts['verify'];
  #held: Buffer | undefined;

  /**
   * `verify` gets the SHA-256 of the whole body in lower-case hex and throws what the stream is destroyed with. A body that
   * breaks off or stalls destroys it with `validation`.
   */
  constructor(parts: HashingBodyParts) {
    super();
    this.#verify = parts.verify;
    const { request, clock } = parts;
    const onBroken = () => {
      if (!request.complete) this.destroy(bodyBrokeOff());
    };
    // Unlike pipeline, pipe leaves the connection open when this side ends early: the caller can still be answered.
    request.on('close', onBroken).on('error', onBroken).pipe(this);
    const stopWatching = watchForStall(request, clock, (error) => this.destroy(error));
    request.once('end', stopWatching);
    this.once('close', () => {
      stopWatching();
      request.off('close', onBroken).off('end', stopWatching).unpipe(this);
    });
    if (request.destroyed) onBroken();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#verify === undefined) {
      done(null, chunk);
      return;
    }
    this.#hash.update(chunk);
    const ready = this.#held;
    this.#held = chunk;
    if (ready === undefined) done();
    else done(null, ready);
  }

  override _flush(done: TransformCallback): void {
    try {
      this.#verify?.(this.#hash.digest('hex'));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    done(null, this.#held);
  }
}
