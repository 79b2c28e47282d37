import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { type Clock, sleep } from '../../shared/clock.ts';
import { decodeShellFrame, encodeShellFrame, longestShellFrameBytes } from '../../shared/shell-frames.ts';
import { ApiError, parseApiError } from './api-error.ts';

/** How one's time at a shell came to its end. */
export type ShellEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  /** Not by itself. */
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'left' }
  | { readonly kind: 'taken' }
  /** The connection, and with it perhaps the shell. */
  | { readonly kind: 'lost'; readonly message: string };

export interface RemoteShellParts {
  /** Signed anew for each connection. */
  readonly address: () => Promise<{
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
  }>;
  readonly onOutput: (bytes: Uint8Array) => void;
  /** For the user: text of the platform, and what happens to the connection. */
  readonly onNotice: (text: string) => void;
  readonly size: () => { readonly columns: number; readonly rows: number };
  readonly clock: Clock;
}

/** As long as the server keeps a shell without a client. */
const reconnectWindowMs = 15 * 60_000;
const firstDelayMs = 500;
const longestDelayMs = 15_000;
const pingMs = 30_000;
const mostTypedAheadBytes = 64 * 1024;
const textSchema = z.string().catch('');

/** A shell in a session's sandbox, over as many connections as it takes. */
export class RemoteShell {
  readonly #parts: RemoteShellParts;
  readonly #left = new AbortController();
  #socket: WebSocket | undefined;
  #end: ShellEnd | undefined;
  /** The server has said on this connection which shell it leads to. */
  #isGreeted = false;
  #wasGreeted = false;
  #typedAhead: Buffer = Buffer.alloc(0);

  constructor(parts: RemoteShellParts) {
    this.#parts = parts;
  }

  /** Rejects with `ApiError` when the server refuses, with the connection's error when it cannot be reached at first. */
  async run(): Promise<ShellEnd> {
    const { clock, onNotice } = this.#parts;
    await this.#converse();
    let lostAtMs = clock.now();
    for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, longestDelayMs)) {
      if (this.#end !== undefined) return this.#end;
      if (clock.now() - lostAtMs > reconnectWindowMs)
        return { kind: 'lost', message: 'The connection was lost and could not be made again.' };
      onNotice('the connection was lost; connecting again');
      try {
        await sleep(clock, delayMs, this.#left.signal);
        await this.#converse();
        lostAtMs = clock.now();
        delayMs = firstDelayMs;
      } catch (error) {
        if (this.#left.signal.aborted) return { kind: 'left' };
        if (error instanceof ApiError && error.status !== 409 && error.status < 429) throw error;
      }
    }
  }

  /** What is typed while there is no connection waits for the next one. */
  type(bytes: Uint8Array): void {
    if (this.#socket?.readyState !== WebSocket.OPEN || !this.#isGreeted) {
      this.#typedAhead = Buffer.concat([this.#typedAhead, bytes]).subarray(0, mostTypedAheadBytes);
      return;
    }
    const most = longestShellFrameBytes - 1;
    for (let at = 0; at < bytes.byteLength; at += most) this.#send('stdin', bytes.subarray(at, at + most));
  }

  resize(): void {
    const { columns, rows } = this.#parts.size();
    this.#send('resize', JSON.stringify({ width: columns, height: rows }));
  }

  /** The shell goes on. */
  leave(): void {
    this.#end ??= { kind: 'left' };
    this.#left.abort(new Error('left'));
    this.#socket?.close(1000);
  }

  /** Resolves when a connection that was made is over. */
  async #converse(): Promise<void> {
    const { address, clock } = this.#parts;
    const { url, headers } = await address();
    const socket = new WebSocket(url, { headers, perMessageDeflate: false });
    this.#socket = socket;
    this.#isGreeted = false;
    socket.on('message', (data: Buffer) => this.#receive(data));
    await opened(socket);
    this.resize();
    let isAnswered = true;
    let cancel = () => {};
    const ping = () => {
      if (!isAnswered) socket.terminate();
      isAnswered = false;
      if (socket.readyState === WebSocket.OPEN) socket.ping();
      cancel = clock.after(pingMs, ping);
    };
    socket.on('pong', () => (isAnswered = true));
    cancel = clock.after(pingMs, ping);
    const [code] = (await once(socket, 'close')) as [number];
    cancel();
    if (code === 4000) this.#end ??= { kind: 'taken' };
    if (code === 1000) this.#end ??= { kind: 'failed', message: 'The server ended the shell.' };
  }

  #receive(data: Buffer): void {
    const { onOutput, onNotice } = this.#parts;
    const frame = decodeShellFrame(data);
    if (frame?.channel === 'stdout') onOutput(frame.payload);
    if (frame?.channel === 'stderr') onNotice(frame.payload.toString('utf8').trim());
    if (frame?.channel !== 'status') return;
    const status = statusSchema.parse(JSON.parse(frame.payload.toString('utf8')));
    if (status.metadata.shellId === undefined) this.#end ??= endOf(status);
    else this.#greeted(status.metadata);
  }

  /** The first word of the server on a connection; what was typed for a shell that is gone is not for another one. */
  #greeted({ reconnected, bytesDropped = 0 }: z.infer<typeof statusSchema>['metadata']): void {
    const { onNotice } = this.#parts;
    if (bytesDropped > 0) onNotice(`${bytesDropped} bytes of output were lost meanwhile`);
    if (this.#wasGreeted && reconnected === false) {
      onNotice('the shell of before is gone; this is a new one, and what was typed meanwhile is dropped');
      this.#typedAhead = Buffer.alloc(0);
    }
    this.#isGreeted = true;
    this.#wasGreeted = true;
    const typed = this.#typedAhead;
    this.#typedAhead = Buffer.alloc(0);
    this.type(typed);
  }

  #send(channel: 'stdin' | 'resize', payload: Uint8Array | string): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(encodeShellFrame(channel, payload));
  }
}

const statusSchema = z.object({
  metadata: z.object({
    shellId: z.string().optional(),
    reconnected: z.boolean().optional(),
    bytesDropped: z.number().optional(),
  }),
  status: z.enum(['Success', 'Failure']),
  message: textSchema,
  details: z.object({ causes: z.array(z.object({ reason: z.string(), message: z.string() })) }).optional(),
});

function endOf({ status, message, details }: z.infer<typeof statusSchema>): ShellEnd {
  if (status === 'Success') return { kind: 'exited', exitCode: 0 };
  const code = details?.causes.find(({ reason }) => reason === 'ExitCode')?.message;
  return code === undefined ? { kind: 'failed', message } : { kind: 'exited', exitCode: Number(code) };
}

/** Rejects with `ApiError` when the server answers with something else. */
async function opened(socket: WebSocket): Promise<void> {
  const refused = once(socket, 'unexpected-response').then(async ([, response]) => {
    const { statusCode = 0, headers } = response as IncomingMessage;
    const single = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    throw parseApiError(statusCode, single, await text(response as IncomingMessage));
  });
  // Whichever comes first counts; the others never come, or as an end of the connection.
  refused.catch(() => {});
  try {
    await Promise.race([once(socket, 'open'), refused]);
  } finally {
    socket.on('error', () => {});
  }
}
