import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../../auth/principal.ts';
import type { Clock } from '../../shared/clock.ts';
import { drainRequest } from '../drain-request.ts';
import { toWireError, type Failures } from '../errors.ts';
import type { VerifiedBody } from '../verified-body.ts';

export interface ExchangeParts {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly clock: Clock;
  readonly failures: Failures;
}

/** One request of the data plane and what is known of it so far. */
export class Exchange {
  readonly #parts: ExchangeParts;
  readonly startedAtMs: number;
  /** Aborts when the caller goes away before it was answered. */
  readonly signal: AbortSignal;
  principal: Principal | undefined;
  body: VerifiedBody | undefined;
  runtimeId: string | undefined;
  sessionId: string | undefined;
  /** Resolves when a refusal has been sent and the rest of the upload is dropped. */
  refusal: Promise<void> | undefined;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
    this.startedAtMs = parts.clock.now();
    const left = new AbortController();
    parts.response.once('close', () => {
      if (!parts.response.writableFinished) left.abort(new Error('The caller went away.'));
    });
    this.signal = left.signal;
  }

  get request(): IncomingMessage {
    return this.#parts.request;
  }

  get response(): ServerResponse {
    return this.#parts.response;
  }

  get requestId(): string {
    return this.#parts.requestId;
  }

  /** Answers with an error, if anything can still be answered. Only the first one counts. */
  refuse(error: unknown): void {
    this.refusal ??= this.#refuse(error);
  }

  /** Ends an answer of which all has been written; an upload that goes on is let come to its end, else its caller never reads it. */
  async finish(): Promise<void> {
    const { request, response, clock } = this.#parts;
    if (!request.complete) {
      await this.#letGoOfBody();
      await drainRequest(request, clock);
    }
    response.end(() => {
      if (!request.complete) request.destroy();
    });
  }

  async #refuse(error: unknown): Promise<void> {
    const { request, response, requestId, clock, failures } = this.#parts;
    if (response.destroyed || response.headersSent) {
      response.destroy();
      return;
    }
    const { status, headers, body } = toWireError(error, { requestId, failures });
    await this.#letGoOfBody();
    const length = { 'content-length': Buffer.byteLength(body) };
    if (request.complete) {
      request.resume();
      response.writeHead(status, { ...headers, ...length }).end(body);
      return;
    }
    // The caller may read the error now, but is given the time to finish its upload: else it sees a broken pipe.
    response.writeHead(status, { ...headers, ...length, connection: 'close' }).write(body);
    await drainRequest(request, clock);
    response.end();
  }

  /** A destroyed stream lets go of the request a moment later, and pauses it then. */
  async #letGoOfBody(): Promise<void> {
    const stream = this.body?.stream;
    if (stream === undefined || stream.closed) return;
    stream.destroy();
    await once(stream, 'close').catch(() => {});
  }
}
