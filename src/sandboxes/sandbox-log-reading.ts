import { StringDecoder } from 'node:string_decoder';

import type { Clock } from '../shared/clock.ts';
import { sleep } from '../shared/clock.ts';
import { escapeControls } from '../shared/escape-controls.ts';
import type { SandboxLog } from './sandbox-log.ts';
import { dropMark } from './sandbox-log-rotation.ts';

export interface TailOptions {
  readonly lines: number;
  /** Reads no more than this from the end. */
  readonly maxBytes: number;
}

/** The last lines, without line ends, control characters made visible. A line cut at its beginning starts with `…`. */
export async function lastLines(
  log: SandboxLog,
  { lines, maxBytes }: TailOptions,
): Promise<readonly string[]> {
  const { start, end } = await log.bounds();
  const from = Math.max(start, end - maxBytes);
  const chunks: Uint8Array[] = [];
  for (let position = from; position < end;) {
    const piece = await log.read(position, Math.min(pieceBytes, end - position));
    if (piece.next === position) break;
    chunks.push(piece.bytes);
    position = piece.next;
  }
  const all = Buffer.concat(chunks).toString('utf8').split('\n');
  if (all.at(-1) === '') all.pop();
  if (from > start && all.length > 0) {
    if (all.length > lines) all.shift();
    else all[0] = `…${all[0]}`;
  }
  return all.slice(-lines).map(escapeControls);
}

export interface FollowOptions {
  /** Begin this many bytes before the end; everything that is still held when not set. */
  readonly lastBytes?: number;
  /** Go on as the sandbox writes, until it has ended; otherwise stop at the present end. */
  readonly follow: boolean;
  readonly clock: Clock;
  /** Ends the reading without an error. */
  readonly signal?: AbortSignal;
}

/** The bytes as they were written, in pieces of at most 64 KiB; rotation loses none that the files still hold. */
export async function* readLog(log: SandboxLog, options: FollowOptions): AsyncGenerator<Uint8Array, void> {
  const { lastBytes = Infinity, follow, clock, signal } = options;
  const { start, end, droppedBytes } = await log.bounds();
  let position = Math.max(start, end - lastBytes);
  if (position === start && droppedBytes > 0) yield Buffer.from(dropMark(droppedBytes));
  while (!signal?.aborted) {
    // Asked before reading: what was written before the end is read after it.
    const wasEnded = log.isEnded();
    const piece = await log.read(position, pieceBytes);
    position = piece.next;
    if (piece.bytes.length > 0) yield piece.bytes;
    else if (!follow || wasEnded) return;
    else await pause(clock, signal);
  }
}

/** The lines of a log, control characters made visible; one longer than `maxLineLength` characters comes in pieces. */
export async function* logLines(
  chunks: AsyncIterable<Uint8Array>,
  maxLineLength = 65_536,
): AsyncGenerator<string, void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.write(Buffer.from(chunk))).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield escapeControls(line);
    if (rest.length < maxLineLength) continue;
    yield escapeControls(rest);
    rest = '';
  }
  rest += decoder.end();
  if (rest !== '') yield escapeControls(rest);
}

const pieceBytes = 64 * 1024;
const pollMs = 250;

async function pause(clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(clock, pollMs, signal);
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}
