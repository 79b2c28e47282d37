import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { type AnswerController, AgentFailure, type AnswerHandler } from './answer-handler.ts';
import type { AnswerHead } from './answer-head.ts';
import { AnswerParser, type AnswerSink } from './answer-parser.ts';

export interface AgentRequest {
  readonly method: string;
  readonly path: string;
  /** Lower-case names, values without line ends; complete, with Content-Length where there is a body. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of as many bytes as Content-Length says; it fails before its end when it is false. */
  readonly body: Readable | null;
}

/** How long an agent may be silent (contract 5.1), and how long a connection is kept for the next request. */
export const agentPatience = {
  connectMs: 10_000,
  headMs: 15 * 60_000,
  /** Between two chunks. */
  dataMs: 60 * 60_000,
  // Shorter than what agents' servers keep (2 s and more): a request must never meet a connection that is being closed.
  idleMs: 1_000,
} as const;

const noBytes = Buffer.alloc(0);

/** One connection to an agent, for one request at a time. Nothing is ever sent again. */
export class AgentConnection implements AnswerSink, AnswerController {
  readonly #socket: Socket;
  readonly #origin: { readonly host: string; readonly port: number };
  /** Told when the connection can take the next request, and when it is gone. */
  readonly #onIdle: (connection: AgentConnection) => void;
  readonly #onClosed: (connection: AgentConnection) => void;
  #handler: AnswerHandler | undefined;
  #parser = new AnswerParser(this);
  #body: Readable | null = null;
  #isSent = true;
  #isKeptOpen = true;
  #isConnected = false;
  #hasEnded = false;
  #unread: Buffer = noBytes;
  #headClock: NodeJS.Timeout | undefined;
  isPaused = false;

  constructor(parts: {
    readonly host: string;
    readonly port: number;
    readonly onIdle: (connection: AgentConnection) => void;
    readonly onClosed: (connection: AgentConnection) => void;
  }) {
    const { host, port } = parts;
    this.#origin = { host, port };
    this.#onIdle = parts.onIdle;
    this.#onClosed = parts.onClosed;
    this.#socket = connect({ host, port, noDelay: true });
    this.#socket
      .setTimeout(agentPatience.connectMs)
      .on('connect', () => this.#connected())
      .on('data', (bytes: Buffer) => this.#read(bytes))
      .on('end', () => this.#ended())
      .on('drain', () => this.#body?.resume())
      .on('timeout', () => this.#timedOut())
      .on('error', (error) => this.#fail(error))
      .on('close', () => {
        this.#fail(new AgentFailure('closed', 'The agent closed the connection.'));
        this.#onClosed(this);
      });
  }

  /** Not closed, as far as is known. */
  get isUsable(): boolean {
    return !this.#socket.destroyed && !this.#hasEnded;
  }

  /** Sends a request; the connection is idle, or new. */
  send(request: AgentRequest, handler: AnswerHandler): void {
    this.#handler = handler;
    this.#parser = new AnswerParser(this);
    this.#isSent = request.body === null;
    this.#body = request.body;
    this.isPaused = false;
    if (this.#isConnected) this.#socket.setTimeout(agentPatience.headMs);
    handler.onRequestStart(this);
    // It may have been aborted at once.
    if (this.#handler !== handler) return;
    const head = headOf(request, this.#origin);
    if (request.body === null) {
      this.#socket.write(head, 'latin1');
      this.#startHeadClock();
    } else this.#sendBody(head, request.body, handler);
  }

  pause(): void {
    this.isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.#read(noBytes);
    if (this.isPaused) return;
    this.#socket.resume();
    if (this.#hasEnded) this.#ended();
  }

  abort(reason: Error): void {
    this.#fail(reason);
  }

  onHead({ status, headers, isKeptOpen }: AnswerHead): void {
    this.#isKeptOpen = isKeptOpen;
    if (status >= 200) {
      clearTimeout(this.#headClock);
      this.#socket.setTimeout(agentPatience.dataMs);
    }
    this.#handler?.onResponseStart(this, status, headers);
  }

  onData(chunk: Buffer): void {
    this.#handler?.onResponseData(this, chunk);
  }

  onEnd(): void {
    const handler = this.#handler;
    // Aborted in the middle of what had arrived.
    if (handler === undefined) return;
    this.#handler = undefined;
    clearTimeout(this.#headClock);
    handler.onResponseEnd();
    // An agent that answered before it had read all does not read the rest as a request.
    if (!this.#isSent || !this.#isKeptOpen || this.#hasEnded) {
      this.#socket.destroy();
      return;
    }
    this.#socket.setTimeout(agentPatience.idleMs);
    this.#onIdle(this);
  }

  /** From the whole request on; what announces an answer is none. */
  #startHeadClock(): void {
    if (this.#parser.hasHead) return;
    this.#headClock = setTimeout(() => this.#timedOut(), agentPatience.headMs).unref();
  }

  #connected(): void {
    this.#isConnected = true;
    this.#socket.setTimeout(this.#handler === undefined ? agentPatience.idleMs : agentPatience.headMs);
  }

  /** The head waits for the first chunk, to leave in one packet with it. */
  #sendBody(head: string, body: Readable, handler: AnswerHandler): void {
    const isCurrent = () => this.#handler === handler;
    let isHeadSent = false;
    body
      .on('data', (chunk: Buffer) => {
        if (!isCurrent()) return;
        const isFirst = !isHeadSent;
        isHeadSent = true;
        if (isFirst) {
          this.#socket.cork();
          this.#socket.write(head, 'latin1');
        }
        if (!this.#socket.write(chunk)) body.pause();
        if (isFirst) this.#socket.uncork();
      })
      .once('end', () => {
        if (!isCurrent()) return;
        this.#isSent = true;
        this.#startHeadClock();
      })
      .once('error', (error) => isCurrent() && this.#fail(error))
      .once('close', () => {
        if (isCurrent() && !this.#isSent) this.#fail(new Error('The body broke off.'));
      });
  }

  #read(bytes: Buffer): void {
    const all = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
    this.#unread = noBytes;
    if (this.isPaused) {
      this.#unread = all;
      return;
    }
    try {
      const rest = this.#parser.push(all);
      if (this.isPaused) this.#unread = rest;
      // Nobody asked for more: whatever it is, it is not an answer to the next request.
      else if (rest.length > 0) this.#socket.destroy();
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #ended(): void {
    this.#hasEnded = true;
    if (this.isPaused || this.#handler === undefined) {
      if (this.#handler === undefined) this.#socket.destroy();
      return;
    }
    try {
      this.#parser.end();
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #timedOut(): void {
    if (this.#handler === undefined) this.#socket.destroy();
    else if (!this.#isConnected) this.#fail(new AgentFailure('connect-timeout', 'No connection in time.'));
    else if (this.#parser.hasHead) this.#fail(new AgentFailure('data-timeout', 'The agent fell silent.'));
    else this.#fail(new AgentFailure('head-timeout', 'The agent did not begin to answer in time.'));
  }

  #fail(error: Error): void {
    const handler = this.#handler;
    this.#handler = undefined;
    clearTimeout(this.#headClock);
    this.#socket.destroy();
    handler?.onResponseError(error);
  }
}

function headOf(
  { method, path, headers }: AgentRequest,
  { host, port }: { readonly host: string; readonly port: number },
): string {
  let head = `${method} ${path} HTTP/1.1\r\nhost: ${host}:${port}\r\nconnection: keep-alive\r\n`;
  for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
  return `${head}\r\n`;
}
