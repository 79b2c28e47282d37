import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { SessionLease } from '../sessions/session-lease.ts';
import type { Clock } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';
import { agentAnswered, agentFailed } from './agent-errors.ts';
import type { AnswerController, AnswerHandler } from './agent-http/answer-handler.ts';
import { isPassedOn } from './agent-status.ts';

/** Someone who waits for the answer of a call. */
export interface Caller {
  readonly response: ServerResponse;
  /** The head of the answer for this caller, names and values in turn. */
  headersFor(agent: IncomingHttpHeaders): string[];
  /** Bytes of the answer's body are on their way. */
  sent(bytes: number): void;
  /** Answers with an error, or breaks off the answer that has begun. */
  refuse(error: unknown): void;
  /** All of the answer has been written. */
  finish(): void;
}

export interface RunningCallParts {
  readonly lease: SessionLease;
  readonly body: Readable;
  /** The body does not need the caller's connection any more, whether the agent has read it or not. */
  readonly isBodySafe: () => boolean;
  /** How long the call waits for a re-send when its caller has gone; 0 for one that cannot be told to be the same. */
  readonly resendWaitMs: number;
  /** Sees the head of an answer that is passed on; the caller gets it once that is done. */
  readonly onHead: ((headers: IncomingHttpHeaders) => Promise<void> | undefined) | undefined;
  readonly clock: Clock;
}

/**
 * One request to an agent, run once, and whoever waits for its answer: normally one caller to the end; when that one goes away
 * before anything was answered, another may take its place.
 */
export class RunningCall implements AnswerHandler {
  readonly #parts: RunningCallParts;
  readonly #over = Promise.withResolvers<void>();
  #caller: Caller | undefined;
  #controller: AnswerController | undefined;
  #abortReason: Error | undefined;
  #bodyError: Error | undefined;
  #head: { readonly status: number; readonly headers: IncomingHttpHeaders } | undefined;
  #isAnswered = false;
  #isEnded = false;
  #failure: unknown;
  readonly #held: Buffer[] = [];
  #reservations = 0;
  #cancelWait: () => void = () => {};

  constructor(parts: RunningCallParts) {
    this.#parts = parts;
    parts.body.once('error', (error) => (this.#bodyError = error));
  }

  /** Resolves when the call is over for the agent and for its callers. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Something has been sent to a caller: nobody else can take its place. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** Makes `caller` the one that is answered; one before it is cut off. */
  attach(caller: Caller): void {
    this.#cancelWait();
    const before = this.#caller;
    this.#caller = caller;
    before?.response.destroy();
    const { response } = caller;
    response.once('close', () => this.#left(caller)).on('drain', () => this.#controller?.resume());
    if (response.destroyed) this.#left(caller);
    else if (this.#failure !== undefined) this.#refuse(this.#failure);
    else if (this.#head !== undefined) {
      this.#answer();
      this.#controller?.resume();
    }
  }

  /** Keeps the call for a caller that is about to attach; returns how to end that, attached or not. */
  reserve(): () => void {
    this.#cancelWait();
    this.#reservations += 1;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#reservations -= 1;
      if (this.#caller === undefined) this.#waitForResend();
    };
  }

  onRequestStart(controller: AnswerController): void {
    this.#controller = controller;
    if (this.#abortReason !== undefined) controller.abort(this.#abortReason);
  }

  onResponseStart(controller: AnswerController, status: number, headers: IncomingHttpHeaders): void {
    // 100 to 199 announce the real answer.
    if (status < 200) return;
    const { lease, onHead } = this.#parts;
    if (!isPassedOn(status, lease.version.protocol)) {
      this.#fail(agentAnswered(status));
      controller.abort(new Error('The answer is not wanted.'));
      return;
    }
    const wait = onHead?.(headers);
    if (wait === undefined) {
      this.#take(controller, { status, headers });
      return;
    }
    controller.pause();
    wait
      .then(() => {
        // The agent may have broken off meanwhile, and the caller have been told.
        if (this.#isEnded) return;
        this.#take(controller, { status, headers });
        if (this.#caller !== undefined) controller.resume();
      })
      .catch((error: unknown) => {
        this.#fail(error);
        controller.abort(new Error('The answer is not wanted.'));
      });
  }

  onResponseData(controller: AnswerController, chunk: Buffer): void {
    if (this.#caller === undefined) {
      this.#held.push(chunk);
      controller.pause();
      return;
    }
    this.#caller.sent(chunk.length);
    if (!this.#caller.response.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    this.#isEnded = true;
    if (this.#caller === undefined) return;
    this.#caller.finish();
    this.#over.resolve();
  }

  onResponseError(cause: Error): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.#isAnswered) void this.#breakOff(cause);
    else if (this.#failure === undefined) void this.#explain(cause).then((failure) => this.#fail(failure));
  }

  #take(
    controller: AnswerController,
    head: { readonly status: number; readonly headers: IncomingHttpHeaders },
  ): void {
    this.#head = head;
    if (this.#caller === undefined) controller.pause();
    else this.#answer();
  }

  /** Once it is known whether the sandbox is gone: a caller that calls again at once must not meet the dead one. */
  async #breakOff(error: Error): Promise<void> {
    const failure = await this.#explain(error);
    this.#caller?.refuse(failure);
    this.#over.resolve();
  }

  /** With the error, if any, of what the caller sent: it is the cause, and the broken connection to the agent its effect. */
  async #explain(error: Error): Promise<unknown> {
    if (this.#bodyError !== undefined) return this.#bodyError;
    if (error instanceof BerthError) return error;
    const { lease } = this.#parts;
    return (await lease.whyGone()) ?? agentFailed(error, lease.version.protocol);
  }

  #fail(failure: unknown): void {
    this.#isEnded = true;
    this.#failure = failure;
    this.#head = undefined;
    if (this.#caller !== undefined) this.#refuse(failure);
    else if (this.#abortReason !== undefined) this.#over.resolve();
  }

  #refuse(failure: unknown): void {
    this.#isAnswered = true;
    this.#caller?.refuse(failure);
    this.#over.resolve();
  }

  #answer(): void {
    if (this.#caller === undefined || this.#head === undefined) return;
    const caller = this.#caller;
    const { response } = caller;
    this.#isAnswered = true;
    response.writeHead(this.#head.status, caller.headersFor(this.#head.headers));
    for (const chunk of this.#held.splice(0)) {
      caller.sent(chunk.length);
      response.write(chunk);
    }
    if (this.#isEnded) {
      caller.finish();
      this.#over.resolve();
      return;
    }
    // With the first chunk in one packet if that is already here, at once if not.
    process.nextTick(() => !response.writableEnded && response.flushHeaders());
  }

  #left(caller: Caller): void {
    if (caller !== this.#caller || caller.response.writableFinished) return;
    this.#caller = undefined;
    const { resendWaitMs, isBodySafe } = this.#parts;
    if (this.#isAnswered || resendWaitMs === 0 || !isBodySafe()) this.#abort();
    else this.#waitForResend();
  }

  #waitForResend(): void {
    if (this.#reservations > 0) return;
    const { clock, resendWaitMs } = this.#parts;
    this.#cancelWait = clock.after(resendWaitMs, () => this.#abort());
  }

  #abort(): void {
    this.#abortReason = new Error('The caller went away.');
    if (!this.#isEnded) this.#controller?.abort(this.#abortReason);
    this.#parts.body.destroy();
    this.#over.resolve();
  }
}
