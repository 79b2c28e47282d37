import type { Duplex } from 'node:stream';
import { encodeClose } from './close-frame.ts';
import type { CloseStatus, FrameScanner } from './frame-scanner.ts';

export interface RelayedSideParts {
  readonly name: 'caller' | 'agent';
  readonly socket: Duplex;
  /** Of what comes from this side. */
  readonly scanner: FrameScanner;
  /** For Close frames to it; undefined when it takes them unmasked. */
  readonly newMask: (() => Uint8Array) | undefined;
}

/** One of the two ends of a relayed WebSocket, and how far it has come with its closing handshake. */
export class RelayedSide {
  readonly name: 'caller' | 'agent';
  readonly socket: Duplex;
  readonly scanner: FrameScanner;
  /** Bytes that came from it and were passed on. */
  bytes = 0;
  /** Nothing more that comes from it counts: it has sent its Close frame, broken a rule, or gone. */
  isDone = false;
  /** Set when its Close frame has arrived. */
  close: CloseStatus | undefined;
  /** A Close frame has been sent to it, the other side's or Berth's own. */
  isTold = false;
  /** Berth's own, for when the frame that is being sent to it is whole. */
  #notice: CloseStatus | undefined;
  readonly #newMask: RelayedSideParts['newMask'];

  constructor(parts: RelayedSideParts) {
    this.name = parts.name;
    this.socket = parts.socket;
    this.scanner = parts.scanner;
    this.#newMask = parts.newMask;
  }

  get hasNotice(): boolean {
    return this.#notice !== undefined;
  }

  /** Passes on what came from the other side; false when it is to wait. */
  write(bytes: Buffer): boolean {
    return bytes.length === 0 || !this.socket.writable || this.socket.write(bytes);
  }

  /** Tells it, once, why the connection comes to its end: now, or behind the frame that `other` is sending to it. */
  notify(status: CloseStatus, other: RelayedSide): void {
    if (this.isTold || this.hasNotice) return;
    this.#notice = status;
    if (other.scanner.isBetweenFrames) this.sendNotice();
    // That frame is never going to be whole.
    else if (other.isDone) this.socket.end();
  }

  sendNotice(): void {
    if (this.#notice === undefined || this.isTold) return;
    this.write(encodeClose(this.#notice, this.#newMask?.()));
    this.told();
  }

  told(): void {
    this.isTold = true;
    this.#endIfClosed();
  }

  closed(status: CloseStatus): void {
    this.isDone = true;
    this.close = status;
    this.#endIfClosed();
  }

  /** Whoever has said and heard Close has nothing to wait for. */
  #endIfClosed(): void {
    if (this.isTold && this.close !== undefined) this.socket.end();
  }
}
