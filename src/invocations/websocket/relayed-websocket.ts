import type { Duplex } from 'node:stream';
import type { SessionLease } from '../../sessions/session-lease.ts';
import type { Clock } from '../../shared/clock.ts';
import type { RandomSource } from '../../shared/ids.ts';
import { type CloseStatus, FrameScanner } from './frame-scanner.ts';
import { RelayedSide } from './relayed-side.ts';
import { createFrameRate, type WebSocketLimits } from './websocket-limits.ts';

export interface RelayedWebSocketParts {
  /** Both have done their handshake. */
  readonly caller: Duplex;
  readonly agent: Duplex;
  readonly lease: Pick<SessionLease, 'activity' | 'onGone' | 'whyGone'>;
  /** Aborts when the server is about to close. */
  readonly draining: AbortSignal;
  readonly limits: WebSocketLimits;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** How a WebSocket came to its end. */
export interface WebSocketEnd {
  /** As the caller knows it; 1006 for a connection that broke, 1005 for a Close frame without one. */
  readonly closeCode: number;
  readonly closedBy: 'caller' | 'agent' | 'server';
  readonly callerBytes: number;
  readonly agentBytes: number;
}

/** How long two sides that were told to close may take for it. */
const closeLimitMs = 10_000;

/**
 * A WebSocket between a caller and its agent: their frames go both ways untouched, each side read no faster than the other takes
 * it. Berth speaks up, with a Close frame of its own, when a limit is broken or one of the sides has gone.
 */
export class RelayedWebSocket {
  readonly #parts: RelayedWebSocketParts;
  readonly #caller: RelayedSide;
  readonly #agent: RelayedSide;
  readonly #over = Promise.withResolvers<WebSocketEnd>();
  readonly #cancels: (() => void)[] = [];
  #end: Pick<WebSocketEnd, 'closeCode' | 'closedBy'> | undefined;
  #open = 2;

  constructor(parts: RelayedWebSocketParts) {
    this.#parts = parts;
    const { caller, agent, random } = parts;
    this.#caller = new RelayedSide({
      name: 'caller',
      socket: caller,
      scanner: this.#newScanner(true),
      newMask: undefined,
    });
    this.#agent = new RelayedSide({
      name: 'agent',
      socket: agent,
      scanner: this.#newScanner(false),
      newMask: () => random(4),
    });
  }

  /** Relays until both connections are closed. To be called once. */
  run(): Promise<WebSocketEnd> {
    const { lease, draining, limits, clock } = this.#parts;
    const onDrain = () => this.#finish({ code: 1001, reason: 'The server is closing.' });
    draining.addEventListener('abort', onDrain, { once: true });
    this.#cancels.push(
      () => draining.removeEventListener('abort', onDrain),
      clock.after(limits.longestMs, () => this.#finish(tooLong(limits.longestMs))),
      lease.onGone(({ message }) => this.#finish({ code: 1011, reason: message })),
    );
    this.#follow(this.#caller, this.#agent);
    this.#follow(this.#agent, this.#caller);
    if (draining.aborted) onDrain();
    return this.#over.promise;
  }

  /** Cuts both connections. */
  destroy(): void {
    this.#caller.socket.destroy();
    this.#agent.socket.destroy();
  }

  #newScanner(isMasked: boolean): FrameScanner {
    const { limits, clock } = this.#parts;
    const takeFrame = createFrameRate(limits.framesPerSecond, () => clock.now());
    return new FrameScanner({ isMasked, longestPayloadBytes: limits.longestFrameBytes, takeFrame });
  }

  #follow(side: RelayedSide, other: RelayedSide): void {
    const { socket } = side;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => this.#pass(side, other, chunk));
    socket.on('drain', () => other.socket.resume());
    socket.once('end', () => this.#left(side, other));
    socket.once('close', () => this.#closed(side, other));
    if (socket.closed) this.#closed(side, other);
  }

  #pass(from: RelayedSide, to: RelayedSide, chunk: Buffer): void {
    if (from.isDone) return;
    if (to.hasNotice || to.isTold) {
      this.#passRest(from, to, chunk);
      return;
    }
    const { pass, frames, close, violation } = from.scanner.scan(chunk);
    if (frames > 0) this.#parts.lease.activity();
    from.bytes += pass.length;
    if (!to.write(pass)) from.socket.pause();
    if (close !== undefined) {
      from.closed(close);
      this.#conclude(close.code, from.name);
      to.told();
    } else if (violation !== undefined) {
      from.isDone = true;
      this.#finish(violation, from);
    }
  }

  /** Of a side whose other one is being told to close: the rest of its frame counts, and that it closes as well. */
  #passRest(from: RelayedSide, to: RelayedSide, chunk: Buffer): void {
    const rest = to.isTold ? 0 : from.scanner.finishFrame(chunk).length;
    to.write(chunk.subarray(0, rest));
    from.bytes += rest;
    if (from.scanner.isBetweenFrames) to.sendNotice();
    const { close } = from.scanner.scan(chunk.subarray(rest));
    if (close !== undefined) from.closed(close);
  }

  /** Tells both sides that it is over, and the one that is to blame why. */
  #finish(status: CloseStatus, blamed: RelayedSide = this.#caller): void {
    const [caller, agent] = [this.#caller, this.#agent];
    const isAgents = blamed === agent;
    const forCaller = isAgents && status.code === 1002 ? brokenByAgent : status;
    this.#conclude(forCaller.code, 'server');
    agent.notify(isAgents ? status : { code: 1001, reason: 'The connection is over.' }, caller);
    // A caller that has said Close hears the same in return.
    caller.notify(caller.close ?? forCaller, agent);
    for (const { socket } of [caller, agent]) socket.resume();
  }

  /** It has nothing more to say. */
  #left(side: RelayedSide, other: RelayedSide): void {
    if (side.isDone) return;
    side.isDone = true;
    if (side.name === 'agent') {
      void this.#agentVanished();
      return;
    }
    this.#conclude(1006, 'caller');
    side.socket.destroy();
    other.notify({ code: 1001, reason: 'The caller went away.' }, side);
    other.socket.resume();
  }

  /** Once it is known whether its sandbox is gone. */
  async #agentVanished(): Promise<void> {
    const gone = await this.#parts.lease.whyGone();
    this.#finish({ code: 1011, reason: gone?.message ?? 'The agent closed the connection.' });
  }

  #closed(side: RelayedSide, other: RelayedSide): void {
    this.#left(side, other);
    this.#open -= 1;
    // The other one has nobody left to answer.
    if (other.isTold || other.close !== undefined) other.socket.end();
    if (this.#open > 0) return;
    for (const cancel of this.#cancels.splice(0)) cancel();
    const { closeCode, closedBy } = this.#end ?? { closeCode: 1006, closedBy: 'server' };
    this.#over.resolve({
      closeCode,
      closedBy,
      callerBytes: this.#caller.bytes,
      agentBytes: this.#agent.bytes,
    });
  }

  /** From the first reason on, the end has a limit in time. */
  #conclude(closeCode: number, closedBy: WebSocketEnd['closedBy']): void {
    if (this.#end !== undefined) return;
    this.#end = { closeCode, closedBy };
    this.#cancels.push(this.#parts.clock.after(closeLimitMs, () => this.destroy()));
  }
}

const brokenByAgent = { code: 1011, reason: 'The agent broke the WebSocket protocol.' };

function tooLong(longestMs: number): CloseStatus {
  return { code: 1008, reason: `A connection may last at most ${longestMs / 60_000} minutes.` };
}
