import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Serves requests that change the protocol of their connection. */
export interface UpgradePort {
  /** Whether a request is served in this way; any other is answered as if it had not asked for it. */
  handles(request: IncomingMessage): boolean;
  handle(upgrade: Upgrade): void;
}

export interface UpgradeParts {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  /** What came behind the head. */
  readonly head: Buffer;
  /** Aborts when the server begins to drain. */
  readonly draining: AbortSignal;
}

/** A request to go on with another protocol on its connection: refused with an answer as to any request, or granted. */
export class Upgrade {
  readonly request: IncomingMessage;
  /** For a refusal; the connection is closed after it. It closes when the caller goes away before it was granted. */
  readonly response: ServerResponse;
  readonly draining: AbortSignal;
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;
  readonly #parts: UpgradeParts;
  #isGranted = false;

  constructor(parts: UpgradeParts) {
    const { request, socket, draining } = parts;
    this.#parts = parts;
    this.request = request;
    this.draining = draining;
    this.response = new ServerResponse(request);
    this.response.shouldKeepAlive = false;
    this.response.assignSocket(socket);
    this.response.once('finish', this.#onRefused);
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.setTimeout(0);
    // Without a listener the error of a connection would be the server's end.
    socket.on('error', () => {}).on('readable', this.#onReadable);
  }

  get isGranted(): boolean {
    return this.#isGranted;
  }

  /** Answers 101 with these headers (names and values in turn) and hands the connection over. */
  grant(headers: readonly string[]): Socket {
    this.response.writeHead(101, [...headers]).flushHeaders();
    return this.take();
  }

  /** Hands the connection over to whoever answers 101 itself, with what came behind the head in it. It may be closed already. */
  take(): Socket {
    const { socket, head } = this.#parts;
    this.#isGranted = true;
    this.response.off('finish', this.#onRefused).detachSocket(socket);
    socket.off('readable', this.#onReadable);
    if (head.length > 0) socket.unshift(head);
    return socket;
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#parts.socket.destroy();
  }

  readonly #onRefused = () => {
    this.#parts.socket.destroySoon();
  };

  /** A caller has nothing to say before it is answered; it may only leave. */
  readonly #onReadable = () => {
    const { socket } = this.#parts;
    if (socket.readableLength === 0) socket.destroy();
  };
}
