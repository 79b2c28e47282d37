import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Principal } from '../../auth/principal.ts';
import type { InvocationTarget, ServerProtocol } from '../../runtimes/runtime.ts';
import { type Clock, sleep } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import { drainRequest } from '../drain-request.ts';
import type { Failures } from '../errors.ts';
import type { VerifiedBody } from '../verified-body.ts';
import type { CallFailure } from './call-failure.ts';
import type { CallSpan, CallTraces } from './call-traces.ts';
import { toProtocolError } from './protocol-errors.ts';
import { largestPeekedBytes, readRpcMessage, type RpcMessage, unreadMessage } from './rpc-message.ts';

export interface ExchangeParts {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly clock: Clock;
  readonly failures: Failures;
  /** Undefined when nobody collects them. */
  readonly traces?: CallTraces | undefined;
}

const peekLimitMs = 2_000;

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
  /** Of the target, once that is known: errors take its form. */
  protocol: ServerProtocol | undefined;
  message: RpcMessage | undefined;
  /** What was called, once that is looked up; its caller need not be proven yet. */
  target: InvocationTarget | undefined;
  /** Of the session that the call came to. */
  version: number | undefined;
  hasStartedSandbox: boolean | undefined;
  /** Of the body of the answer. */
  bytesOut = 0;
  firstByteAtMs: number | undefined;
  failure: CallFailure | undefined;
  #span: CallSpan | undefined;
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

  /** The call's span, begun when it is first asked for, which must not be before the caller is proven; undefined when nobody wants it. */
  trace(): CallSpan | undefined {
    const { traces, request } = this.#parts;
    const { startedAtMs } = this;
    return (this.#span ??= traces?.begin({ startedAtMs, headers: request.headers }));
  }

  /** The head of the answer is about to be sent. */
  noteHead(): void {
    this.firstByteAtMs ??= this.#parts.clock.now();
  }

  /** Answers with an error, if anything can still be answered. Only the first one counts. */
  refuse(error: unknown): void {
    if (!this.response.destroyed) this.failure ??= error instanceof BerthError ? error.code : 'internal';
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
    const { protocol } = this;
    const { method } = request;
    const rpcId = (this.message ?? (await this.#unreadMessage())).id;
    const { status, headers, body } = toProtocolError(error, {
      requestId,
      failures,
      protocol,
      method,
      rpcId,
    });
    await this.#letGoOfBody();
    const length = { 'content-length': Buffer.byteLength(body) };
    this.bytesOut = length['content-length'];
    this.noteHead();
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

  /** A JSON-RPC client only understands an error that names its request, so a small one is still read. */
  async #unreadMessage(): Promise<RpcMessage> {
    const { request, clock } = this.#parts;
    const isRpc = this.protocol === 'MCP' || this.protocol === 'A2A';
    const sizeBytes = Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY);
    if (!isRpc || this.body !== undefined || sizeBytes > largestPeekedBytes) return unreadMessage;
    const bytes = await Promise.race([buffer(request), sleep(clock, peekLimitMs)]).catch(() => undefined);
    return bytes === undefined ? unreadMessage : readRpcMessage(bytes);
  }

  /** A destroyed stream lets go of the request a moment later, and pauses it then. */
  async #letGoOfBody(): Promise<void> {
    const stream = this.body?.stream;
    if (stream === undefined || stream.closed) return;
    stream.destroy();
    await once(stream, 'close').catch(() => {});
  }
}
