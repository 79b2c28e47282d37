import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { type Clock, sleep } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';
import type { RandomSource } from '../shared/ids.ts';
import { type Failures, toWireError } from './errors.ts';
import { newRequestId } from './request-id.ts';
import { Upgrade, type UpgradePort } from './upgrade.ts';

/** Certificates that may change while the server runs. */
export interface ListenerTls {
  /** For clients that name no server, in PEM. */
  readonly fallback: { readonly cert: string; readonly key: string };
  contextFor(serverName: string): SecureContext;
  /** Calls back whenever `fallback` has changed. */
  onChange(listener: () => void): void;
}

export interface HttpListenerParts {
  readonly handle: RequestListener;
  /** Undefined: plain HTTP. */
  readonly tls?: ListenerTls | undefined;
  /** Without one, requests to upgrade are answered as if they had not asked for it. */
  readonly upgrades?: UpgradePort;
  /** What is still running this long after `drain` is cut. */
  readonly drainLimitMs: number;
  readonly failures: Failures;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** Twenty custom headers of 4 KiB, baggage and the rest (contract 1.7, 5.1). */
const maxHeaderSize = 128 * 1024;
/** A caller that vanished without a word is found out in some minutes, else it would hold its session until its end. */
const keepAliveInitialDelay = 60_000;
const lingerMs = 2_000;
const handshakeTimeout = 10_000;
/** After a handover, callers that keep a connection for their next request have this long to send it. */
const keepIdleMs = 15_000;

/** An HTTP server for callers that stay for hours, that answers in AWS's form even what is no HTTP, and that can be drained. */
export class HttpListener {
  readonly server: Server;
  readonly #parts: HttpListenerParts;
  readonly #running = new Map<Duplex, ServerResponse>();
  readonly #refused = new WeakSet<Duplex>();
  readonly #upgrades = new Set<Upgrade>();
  readonly #draining = new AbortController();
  #isLeaving = false;
  /** Connections on which nothing has been asked yet; Node does not count them as idle. */
  readonly #silent = new Set<Duplex>();

  constructor(parts: HttpListenerParts) {
    this.#parts = parts;
    const shouldUpgradeCallback = (request: IncomingMessage) => this.#isUpgrade(request);
    this.server = openServer({ tls: parts.tls, shouldUpgradeCallback }, (request, response) =>
      this.#serve(request, response),
    );
    const closeIdleConnections = this.server.closeIdleConnections.bind(this.server);
    // To Node a connection is idle whose answer is complete and still to be sent: its end would be cut off.
    this.server.closeIdleConnections = () => {
      if (![...this.#running.values()].some(isBeingSent)) closeIdleConnections();
    };
    this.server.on('upgrade', (request, socket: Socket, head) => this.#upgrade(request, socket, head));
    // Node's own limits cut off quiet streams and slow uploads that the contract allows; heads stay bounded in time.
    this.server.requestTimeout = 0;
    this.server.headersTimeout = 30_000;
    this.server.keepAliveTimeout = 900_000;
    this.server.on(parts.tls === undefined ? 'connection' : 'secureConnection', (socket: Duplex) => {
      this.#silent.add(socket);
      socket.once('close', () => this.#silent.delete(socket));
    });
    this.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
      this.#track(request, response);
      this.#answer(response, new BerthError('validation', 'Of Expect only 100-continue is understood.'));
      request.resume();
    });
    this.server.on('clientError', (error: NodeJS.ErrnoException, socket) => this.#refuse(error, socket));
  }

  get isDraining(): boolean {
    return this.#draining.signal.aborted;
  }

  /** With `fd`, a socket that listens already, at that address. */
  listen(host: string, port: number, fd?: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject).listen(fd === undefined ? { port, host } : { fd }, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
  }

  /**
   * Before `drain`, when connections can wait in the listen queue for another process: takes none any more, and resolves when something has
   * been asked on each that was taken, or a moment later. What nobody can take back is not refused.
   */
  async stopAccepting(): Promise<void> {
    const { clock } = this.#parts;
    NetServer.prototype.close.call(this.server);
    const untilMs = clock.now() + lingerMs;
    while (this.#silent.size > 0 && clock.now() < untilMs) await sleep(clock, 20);
  }

  /**
   * Another process listens at the same socket: this one takes no more connections and serves those that it has, the next
   * request of each with the word that its connection closes then. Resolves when there are none, or `drain` has cut them.
   */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    for (const response of this.#running.values()) response.shouldKeepAlive = false;
    let cancel = () => {};
    const linger = () => {
      cancel = this.#parts.clock.after(keepIdleMs, () => {
        this.server.closeIdleConnections();
        for (const socket of this.#silent) socket.destroy();
        linger();
      });
    };
    linger();
    // Node's own would cut idle connections at once, and with them the requests that are on their way.
    await new Promise<void>((resolve) => NetServer.prototype.close.call(this.server, () => resolve()));
    cancel();
  }

  /** Takes no new requests, waits for the running ones up to the limit, and closes; `close` is how, if others do it. */
  async drain(close: () => Promise<void> = () => closeServer(this.server)): Promise<void> {
    const { clock, drainLimitMs } = this.#parts;
    this.#draining.abort(new Error('The server is closing.'));
    for (const response of this.#running.values()) response.shouldKeepAlive = false;
    const cancelSilent = clock.after(lingerMs, () => {
      for (const socket of this.#silent) socket.destroy();
    });
    const cancel = clock.after(drainLimitMs, () => {
      this.server.closeAllConnections();
      // Node does not count them among its connections any more.
      for (const upgrade of this.#upgrades) upgrade.destroy();
    });
    await close();
    cancelSilent();
    cancel();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    // Where the refused request ends is not sure: what seems to follow it may be part of it. The connection closes.
    if (this.#refused.has(request.socket)) return;
    this.#track(request, response);
    const foreign = foreignCoding(request);
    if (foreign !== undefined) this.#refused.add(request.socket);
    const refusal = this.isDraining ? new BerthError('unavailable', closingText) : foreign;
    if (refusal !== undefined) {
      this.#answer(response, refusal);
      return;
    }
    this.#parts.handle(request, response);
  }

  #track({ socket }: IncomingMessage, response: ServerResponse): void {
    this.#silent.delete(socket);
    this.#running.set(socket, response);
    if (this.#isLeaving) response.shouldKeepAlive = false;
    response.once('close', () => {
      if (this.#running.get(socket) === response) this.#running.delete(socket);
      // A head that was sent before the drain began has promised to keep the connection.
      if (this.isDraining) setImmediate(() => this.server.closeIdleConnections());
    });
  }

  /** One that waits behind another request of its connection is not: that one's answer is still to come. */
  #isUpgrade(request: IncomingMessage): boolean {
    return !this.#running.has(request.socket) && this.#parts.upgrades?.handles(request) === true;
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#silent.delete(socket);
    const upgrade = new Upgrade({ request, socket, head, draining: this.#draining.signal });
    this.#upgrades.add(upgrade);
    void upgrade.closed.then(() => this.#upgrades.delete(upgrade));
    if (this.isDraining) this.#answer(upgrade.response, new BerthError('unavailable', closingText));
    else this.#parts.upgrades?.handle(upgrade);
  }

  /** What Node's parser refuses has no request: the answer is written by hand, unless one is already on its way. */
  #refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
    if (this.#refused.has(socket)) return;
    const isAnswered = this.#running.get(socket)?.headersSent === true;
    // After a failed handshake there is no connection to answer on.
    const isHandshake = /^ERR_(SSL|TLS)_/.test(error.code ?? '');
    if (error.code === 'ECONNRESET' || isHandshake || !socket.writable || isAnswered) {
      socket.destroy();
      return;
    }
    this.#refused.add(socket);
    const [status, message] = parserErrors[error.code ?? ''] ?? [
      '400 Bad Request',
      'This is no HTTP/1.1 request.',
    ];
    const { headers, body } = this.#toWire(new BerthError('validation', message, { reason: 'CannotParse' }));
    const lines = Object.entries({
      ...headers,
      'content-length': Buffer.byteLength(body),
      connection: 'close',
    });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.end(`HTTP/1.1 ${status}\r\n${head}\r\n${body}`);
    // What is still on its way is dropped for a moment: a connection closed over it would take the answer along.
    const cancel = this.#parts.clock.after(lingerMs, () => socket.destroy());
    socket.once('close', cancel).resume();
  }

  #answer(response: ServerResponse, error: BerthError): void {
    response.shouldKeepAlive = false;
    const { status, headers, body } = this.#toWire(error);
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
  }

  #toWire(error: BerthError) {
    const { random, failures } = this.#parts;
    return toWireError(error, { requestId: newRequestId(random), failures });
  }
}

function openServer(
  {
    tls,
    shouldUpgradeCallback,
  }: Pick<HttpListenerParts, 'tls'> & Required<Pick<ServerOptions, 'shouldUpgradeCallback'>>,
  listener: RequestListener,
): Server {
  const options = {
    shouldUpgradeCallback,
    maxHeaderSize,
    keepAlive: true,
    keepAliveInitialDelay,
    noDelay: true,
    requireHostHeader: false,
  };
  if (tls === undefined) return createServer(options, listener);
  const SNICallback = (name: string, answer: (error: Error | null, context?: SecureContext) => void) =>
    answer(null, tls.contextFor(name));
  const server = createTlsServer({ ...options, ...tls.fallback, SNICallback, handshakeTimeout }, listener);
  tls.onChange(() => server.setSecureContext(tls.fallback));
  return server;
}

/** Node takes the chunks apart and leaves any further coding in the body, where nobody would look for it. */
function foreignCoding({ headers }: IncomingMessage): BerthError | undefined {
  const coding = headers['transfer-encoding'];
  if (coding === undefined || coding.toLowerCase() === 'chunked') return undefined;
  return new BerthError(
    'validation',
    `The Transfer-Encoding '${coding}' is not understood; only chunked is.`,
    {
      reason: 'CannotParse',
    },
  );
}

function isBeingSent({ writableEnded, writableFinished }: ServerResponse): boolean {
  return writableEnded && !writableFinished;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

const closingText = 'The server is closing. Try again shortly.';

/** By the code of Node's error: status line, and what to tell. */
const parserErrors: Readonly<Record<string, readonly [string, string]>> = {
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    `The head of the request is larger than ${maxHeaderSize / 1024} KiB.`,
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [
    '413 Payload Too Large',
    'The chunk extensions of the request are too large.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [
    '408 Request Timeout',
    'The head of the request did not arrive within 30 seconds.',
  ],
};
