import { AgentFailure } from './answer-handler.ts';
import { type AnswerHead, readAnswerHead } from './answer-head.ts';

export interface AnswerSink {
  onHead(head: AnswerHead): void;
  /** Part of the body, never empty. */
  onData(chunk: Buffer): void;
  /** The answer is complete. */
  onEnd(): void;
  /** Whether to stop here; asked after each call. */
  readonly isPaused: boolean;
}

type State =
  | 'head'
  | 'data'
  | 'chunk-size'
  | 'chunk-data'
  | 'chunk-end'
  | 'trailers'
  | 'until-close'
  | 'done';

export const largestHeadBytes = 64 * 1024;
/** Size, extension and line end. */
const longestChunkLine = 4 * 1024;
const noBytes = Buffer.alloc(0);

/** Reads one HTTP/1.1 answer, in whatever pieces it arrives. Throws AgentFailure; nothing may be given to it after that. */
export class AnswerParser {
  readonly #sink: AnswerSink;
  #state: State = 'head';
  /** A line, or head, that has not arrived whole. */
  #begun: Buffer = noBytes;
  #leftBytes = 0;
  #trailerBytes = 0;

  constructor(sink: AnswerSink) {
    this.#sink = sink;
  }

  get hasHead(): boolean {
    return this.#state !== 'head';
  }

  /** Returns what it has not looked at, because the sink is paused or the answer is complete. */
  push(bytes: Buffer): Buffer {
    let rest = this.#begun.length === 0 ? bytes : Buffer.concat([this.#begun, bytes]);
    this.#begun = noBytes;
    while (this.#state !== 'done' && !this.#sink.isPaused) {
      const next = this.#step(rest);
      if (next === undefined) {
        this.#begun = rest;
        return noBytes;
      }
      rest = next;
    }
    return rest;
  }

  /** The agent has closed its side. */
  end(): void {
    if (this.#state === 'until-close') this.#finish();
    else if (this.#state !== 'done') throw new AgentFailure('closed', 'The agent closed the connection.');
  }

  /** What is left after one step; undefined when there are too few bytes for one. */
  #step(bytes: Buffer): Buffer | undefined {
    switch (this.#state) {
      case 'head':
        return this.#readHead(bytes);
      case 'data':
      case 'chunk-data':
        return this.#readData(bytes);
      case 'chunk-size':
        return this.#readChunkSize(bytes);
      case 'chunk-end':
        return this.#readChunkEnd(bytes);
      case 'trailers':
        return this.#readTrailer(bytes);
      case 'until-close':
        if (bytes.length === 0) return undefined;
        this.#sink.onData(bytes);
        return noBytes;
      case 'done':
        return bytes;
    }
  }

  #readHead(bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf('\r\n\r\n');
    if (end > largestHeadBytes || (end < 0 && bytes.length > largestHeadBytes + 3))
      throw new AgentFailure('head-too-large', "The head of the agent's answer is too large.");
    if (end < 0) return undefined;
    const head = readAnswerHead(bytes.toString('latin1', 0, end));
    const { status, framing } = head;
    if (status === 101) throw new AgentFailure('not-http', 'The agent switched protocols unasked.');
    // After an announcement comes the real head.
    if (status >= 200) this.#begin(framing);
    this.#sink.onHead(head);
    return bytes.subarray(end + 4);
  }

  #begin(framing: AnswerHead['framing']): void {
    if (framing === 'chunked') this.#state = 'chunk-size';
    else if (framing === 'until-close') this.#state = 'until-close';
    else {
      this.#state = 'data';
      this.#leftBytes = framing;
    }
  }

  #readData(bytes: Buffer): Buffer | undefined {
    if (this.#leftBytes === 0) {
      if (this.#state === 'chunk-data') this.#state = 'chunk-end';
      else this.#finish();
      return bytes;
    }
    if (bytes.length === 0) return undefined;
    const chunk = bytes.length > this.#leftBytes ? bytes.subarray(0, this.#leftBytes) : bytes;
    this.#leftBytes -= chunk.length;
    this.#sink.onData(chunk);
    return bytes.subarray(chunk.length);
  }

  #readChunkSize(bytes: Buffer): Buffer | undefined {
    const end = lineEnd(bytes);
    if (end === undefined) return undefined;
    const [, digits = ''] =
      /^([0-9a-fA-F]{1,12})[ \t]*(?:;[^\0\r\n]*)?$/.exec(bytes.toString('latin1', 0, end)) ?? [];
    if (digits === '') throw new AgentFailure('not-http', "The agent's answer has a malformed chunk.");
    this.#leftBytes = Number.parseInt(digits, 16);
    this.#state = this.#leftBytes === 0 ? 'trailers' : 'chunk-data';
    return bytes.subarray(end + 2);
  }

  #readChunkEnd(bytes: Buffer): Buffer | undefined {
    if (bytes.length < 2) return undefined;
    if (bytes[0] !== 0x0d || bytes[1] !== 0x0a)
      throw new AgentFailure('not-http', "The agent's answer has a chunk that is longer than it says.");
    this.#state = 'chunk-size';
    return bytes.subarray(2);
  }

  /** Trailers are dropped: the caller's head has been sent. */
  #readTrailer(bytes: Buffer): Buffer | undefined {
    const end = lineEnd(bytes);
    if (end === undefined) return undefined;
    this.#trailerBytes += end;
    if (this.#trailerBytes > largestHeadBytes)
      throw new AgentFailure('head-too-large', "The trailers of the agent's answer are too large.");
    if (end === 0) this.#finish();
    return bytes.subarray(end + 2);
  }

  #finish(): void {
    this.#state = 'done';
    this.#sink.onEnd();
  }
}

/** Where a line ends; undefined when it has not arrived whole. */
function lineEnd(bytes: Buffer): number | undefined {
  const end = bytes.indexOf('\r\n');
  if (end > longestChunkLine || (end < 0 && bytes.length > longestChunkLine + 1))
    throw new AgentFailure('not-http', "The agent's answer has a line that is too long.");
  return end < 0 ? undefined : end;
}
