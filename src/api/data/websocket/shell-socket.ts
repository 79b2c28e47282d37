import type { IncomingMessage } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { createFrameRate, webSocketLimits } from '../../../invocations/websocket/websocket-limits.ts';
import type { ShellClient } from '../../../invocations/shells/shell.ts';
import type { Clock } from '../../../shared/clock.ts';
import { decodeShellFrame, longestShellFrameBytes, type ShellFrame } from '../../../shared/shell-frames.ts';
import type { Upgrade } from '../../upgrade.ts';
import type { UpgradeWish } from './judge-upgrade.ts';

/** How a connection to a shell came to its end. */
export interface ShellSocketEnd {
  readonly closeCode: number;
  readonly closedBy: 'caller' | 'server';
  readonly callerBytes: number;
  readonly agentBytes: number;
}

export interface ShellSocketParts {
  readonly socket: WebSocket;
  /** Aborts when the server is about to close. */
  readonly draining: AbortSignal;
  readonly clock: Clock;
  readonly onFrame: (frame: ShellFrame) => void;
}

/** Contract 1.5. */
const mostTextFrames = 5;
/** A client that takes nothing for this long does not read any more. */
const stallLimitMs = 30_000;
/** How long one that was told to close may take for it. */
const closeLimitMs = 10_000;
const abnormalClosure = 1006;

/** The client's end of a shell, with the limits of its WebSocket. */
export class ShellSocket implements ShellClient {
  readonly gone: Promise<void>;
  readonly end: Promise<ShellSocketEnd>;
  readonly #parts: ShellSocketParts;
  readonly #takeFrame: () => boolean;
  readonly #cancels: (() => void)[] = [];
  #textFrames = 0;
  #bytes = { caller: 0, agent: 0 };
  #closeCode: number | undefined;

  constructor(parts: ShellSocketParts) {
    this.#parts = parts;
    const { socket, draining, clock } = parts;
    const { framesPerSecond, longestMs } = webSocketLimits;
    this.#takeFrame = createFrameRate(framesPerSecond, () => clock.now());
    this.end = new Promise((resolve) => socket.once('close', (code) => resolve(this.#endedBy(code))));
    this.gone = this.end.then(() => {});
    const onDraining = () => this.close(1001, 'The server is closing.');
    draining.addEventListener('abort', onDraining, { once: true });
    this.#cancels.push(
      () => draining.removeEventListener('abort', onDraining),
      clock.after(longestMs, () =>
        this.close(1008, `A connection may last ${longestMs / 60_000} minutes. Connect again to go on.`),
      ),
    );
    // The library has told the client already.
    socket.on('error', (error) => (this.#closeCode ??= closeCodeOf(error)));
    socket.on('message', (data: Buffer, isBinary) => this.#receive(data, isBinary));
    socket.on('ping', () => void this.#isWithinRate());
    if (draining.aborted) onDraining();
  }

  send(frame: Uint8Array): Promise<boolean> {
    const { socket, clock } = this.#parts;
    if (socket.readyState !== socket.OPEN) return Promise.resolve(false);
    const cancel = clock.after(stallLimitMs, () => this.close(1008, 'The client does not read.'));
    this.#bytes.agent += frame.byteLength;
    const sent = new Promise<boolean>((resolve) =>
      socket.send(frame, { binary: true }, (error) => resolve(error === undefined || error === null)),
    );
    return Promise.race([sent, this.gone.then(() => false)]).finally(cancel);
  }

  close(code: number, reason: string): void {
    const { socket, clock } = this.#parts;
    if (this.#closeCode !== undefined || socket.readyState !== socket.OPEN) return;
    this.#closeCode = code;
    socket.close(code, reason);
    this.#cancels.push(clock.after(closeLimitMs, () => socket.terminate()));
  }

  #receive(data: Buffer, isBinary: boolean): void {
    this.#bytes.caller += data.byteLength;
    if (!this.#isWithinRate()) return;
    if (!isBinary) {
      this.#textFrames += 1;
      if (this.#textFrames >= mostTextFrames)
        this.close(1003, 'Shells take binary frames: a byte for the channel, then the data.');
      return;
    }
    this.#textFrames = 0;
    const frame = decodeShellFrame(data);
    if (frame !== undefined) this.#parts.onFrame(frame);
  }

  #isWithinRate(): boolean {
    if (this.#closeCode !== undefined) return false;
    if (this.#takeFrame()) return true;
    this.close(1008, `More than ${webSocketLimits.framesPerSecond} frames came in a second.`);
    return false;
  }

  #endedBy(code: number): ShellSocketEnd {
    for (const cancel of this.#cancels) cancel();
    const { caller: callerBytes, agent: agentBytes } = this.#bytes;
    const closedBy = this.#closeCode === undefined ? 'caller' : 'server';
    const closeCode = this.#closeCode ?? code ?? abnormalClosure;
    return { closeCode, closedBy, callerBytes, agentBytes };
  }
}

/** Of what the library itself refuses: a frame over size or against the protocol. */
function closeCodeOf(error: Error): number | undefined {
  if (!('code' in error) || !String(error.code).startsWith('WS_ERR')) return undefined;
  return error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 1009 : 1002;
}

/**
 * Answers 101 with these further headers, and hands the WebSocket over before anything can come from it. Undefined when the
 * connection broke off meanwhile.
 */
export function acceptShell<Accepted extends object>(
  upgrade: Upgrade,
  { handshake, subprotocol }: Pick<UpgradeWish, 'handshake' | 'subprotocol'>,
  headers: Readonly<Record<string, string>>,
  onAccepted: (socket: WebSocket) => Accepted,
): Promise<Accepted | undefined> {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: longestShellFrameBytes,
    handleProtocols: () => subprotocol ?? false,
  });
  server.on('headers', (lines) => {
    for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  });
  // What the handshake was read to be: clients that were given AWS's signed headers send some of them twice.
  const request: IncomingMessage = Object.create(upgrade.request, {
    headers: {
      value: {
        upgrade: 'websocket',
        connection: 'Upgrade',
        'sec-websocket-key': handshake.key,
        'sec-websocket-version': '13',
        'sec-websocket-protocol': upgrade.request.headers['sec-websocket-protocol'],
      },
    },
  });
  return new Promise((resolve) => {
    const socket = upgrade.take();
    socket.once('close', () => resolve(undefined));
    server.handleUpgrade(request, socket, Buffer.alloc(0), (accepted) => resolve(onAccepted(accepted)));
  });
}
