import { once } from 'node:events';
import { z } from 'zod';
import type { SandboxProcess, TerminalSize } from '../../sandboxes/sandbox-process.ts';
import type { SessionLease } from '../../sessions/session-lease.ts';
import type { Clock } from '../../shared/clock.ts';
import { type ShellFrame, encodeShellFrame, longestShellFrameBytes } from '../../shared/shell-frames.ts';
import { ReplayBuffer } from './replay-buffer.ts';
import { connectedStatus, exitedStatus, failedStatus } from './shell-status.ts';

/** Whoever sits at a shell, by one connection. */
export interface ShellClient {
  /** Resolves with true when it can take more, with false when it has gone. */
  send(frame: Uint8Array): Promise<boolean>;
  /** Idempotent; `gone` resolves. */
  close(code: number, reason: string): void;
  readonly gone: Promise<void>;
}

export interface ShellParts {
  readonly shellId: string;
  /** Who opened it. */
  readonly callerId: string;
  /** In a terminal. */
  readonly program: SandboxProcess;
  /** Of whoever opened it: says why the sandbox is gone, also after it was given back. */
  readonly lease: Pick<SessionLease, 'whyGone'>;
  readonly clock: Clock;
  /** It cannot be attached to any more. */
  readonly onForgotten: () => void;
}

/** Contract 1.5. */
export const replayBytes = 256 * 1024;
export const reconnectWindowMs = 15 * 60_000;
/** More than this waits in front of a client only when it does not read. */
const aheadBytes = 64 * 1024;
const hangUpGraceMs = 5_000;
/** Of input that the program does not read. */
const largestInputBytes = 1024 * 1024;
const killedCode = 137;

/** A shell in a session's sandbox with at most one client. It goes on when that leaves, for a while, and keeps what the next one missed. */
export class Shell {
  readonly id: string;
  readonly callerId: string;
  readonly #parts: ShellParts;
  readonly #unsent = new ReplayBuffer(replayBytes);
  readonly #flushed = new EventTarget();
  #client: ShellClient | undefined;
  #isFlushing = false;
  #attachments = 0;
  /** Undefined when all that came has been done. */
  #turn: Promise<void> | undefined;
  /** Of input whose turn has not come. */
  #heldBytes = 0;
  #cancelWindow = () => {};
  /** What its last client is told; undefined while it runs. */
  #farewell: readonly Uint8Array[] | undefined;

  constructor(parts: ShellParts) {
    this.id = parts.shellId;
    this.callerId = parts.callerId;
    this.#parts = parts;
    this.#detached();
    void this.#follow();
  }

  /** Gives it to this client, and takes it from the one before. Resolves when the client has gone. */
  async attach(client: ShellClient): Promise<void> {
    this.#client?.close(4000, 'Another client has taken over this shell.');
    this.#client = client;
    this.#cancelWindow();
    const reconnected = this.#attachments > 0;
    this.#attachments += 1;
    const status = connectedStatus({
      shellId: this.id,
      reconnected,
      bytesDropped: this.#unsent.takeDropped(),
    });
    void client.send(encodeShellFrame('status', status));
    this.#wake();
    void this.#flush();
    await client.gone;
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#wake();
    this.#detached();
  }

  /** What a client says; what it does not understand is ignored, as a later version may say more. */
  receive(client: ShellClient, { channel, payload }: ShellFrame): void {
    if (client !== this.#client) return;
    const { program } = this.#parts;
    switch (channel) {
      case 'stdin':
        if (program.stdin.writableLength + this.#heldBytes > largestInputBytes)
          client.close(1008, 'The shell does not read its input.');
        else this.#type(payload);
        return;
      case 'resize': {
        const size = parseSize(payload);
        if (size !== undefined) this.#inTurn(() => program.resize(size));
        return;
      }
      case 'heartbeat':
        void client.send(encodeShellFrame('heartbeat'));
        return;
      case 'close':
        void this.#hangUp(client);
        return;
      case 'stdout':
      case 'stderr':
      case 'status':
    }
  }

  /** Ends it for good. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancelWindow();
    this.#parts.onForgotten();
    this.#client?.close(1001, 'The server is closing.');
    await this.#parts.program[Symbol.asyncDispose]();
  }

  #type(payload: Buffer): void {
    const { stdin } = this.#parts.program;
    this.#heldBytes += payload.byteLength;
    this.#inTurn(() => {
      this.#heldBytes -= payload.byteLength;
      if (stdin.writable) stdin.write(payload);
    });
  }

  /** What is typed behind a change of the size meets the new size. */
  #inTurn(work: () => Promise<void> | void): void {
    const turn = this.#turn === undefined ? work() : this.#turn.then(work);
    if (turn === undefined) return;
    const settled: Promise<void> = turn
      .catch(() => {})
      .then(() => {
        if (this.#turn === settled) this.#turn = undefined;
      });
    this.#turn = settled;
  }

  /** SIGHUP as when a terminal is unplugged, then SIGKILL. */
  async #hangUp(client: ShellClient): Promise<void> {
    const { program, clock, onForgotten } = this.#parts;
    onForgotten();
    await client.send(encodeShellFrame('close'));
    client.close(1000, 'The shell was closed.');
    const cancel = clock.after(hangUpGraceMs, () => void this[Symbol.asyncDispose]());
    await program.kill('SIGHUP');
    await program.exit;
    cancel();
    await this[Symbol.asyncDispose]();
  }

  #detached(): void {
    const { clock } = this.#parts;
    this.#unsent.trim();
    this.#cancelWindow = clock.after(reconnectWindowMs, () => void this[Symbol.asyncDispose]());
  }

  /** Takes what the shell writes; held back by a client that is behind, but by nobody when there is none. */
  async #follow(): Promise<void> {
    const { program } = this.#parts;
    try {
      for await (const chunk of program.stdout as AsyncIterable<Buffer>) {
        this.#unsent.append(chunk);
        void this.#flush();
        while (this.#client !== undefined && this.#unsent.sizeBytes > aheadBytes)
          await once(this.#flushed, 'flushed');
        if (this.#client === undefined) this.#unsent.trim();
      }
    } catch {
      // It was disposed of while it wrote.
    }
    this.#farewell = await this.#lastFrames(await program.exit);
    await program[Symbol.asyncDispose]();
    void this.#flush();
  }

  async #lastFrames(exitCode: number): Promise<readonly Uint8Array[]> {
    const gone = exitCode === killedCode ? await this.#parts.lease.whyGone() : undefined;
    if (gone === undefined) return [encodeShellFrame('status', exitedStatus(exitCode))];
    return [
      encodeShellFrame('stderr', `${gone.message}\r\n`),
      encodeShellFrame('status', failedStatus(gone.message)),
      encodeShellFrame('close'),
    ];
  }

  /** Hands on what is there, one frame after the other; a frame is forgotten when it has been taken. */
  async #flush(): Promise<void> {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    try {
      for (let client = this.#client; client !== undefined; client = this.#client) {
        const piece = this.#unsent.peek(longestShellFrameBytes - 1);
        if (piece.byteLength === 0) {
          if (this.#farewell !== undefined) await this.#sayFarewell(client, this.#farewell);
          return;
        }
        const isTaken = await client.send(encodeShellFrame('stdout', piece));
        if (this.#client !== client) continue;
        if (!isTaken) return;
        this.#unsent.consume(piece.byteLength);
        this.#wake();
      }
    } finally {
      this.#isFlushing = false;
    }
  }

  async #sayFarewell(client: ShellClient, frames: readonly Uint8Array[]): Promise<void> {
    this.#farewell = [];
    for (const frame of frames) await client.send(frame);
    client.close(1000, 'The shell has ended.');
    await this[Symbol.asyncDispose]();
  }

  #wake(): void {
    this.#flushed.dispatchEvent(new Event('flushed'));
  }
}

const sizeSchema = z.object({
  width: z.int().min(1).max(65_535),
  height: z.int().min(1).max(65_535),
});

function parseSize(payload: Buffer): TerminalSize | undefined {
  try {
    const { width, height } = sizeSchema.parse(JSON.parse(payload.toString('utf8')));
    return { columns: width, rows: height };
  } catch {
    return undefined;
  }
}
