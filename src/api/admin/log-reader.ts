import { StringDecoder } from 'node:string_decoder';
import type { SandboxLog } from '../../sandboxes/sandbox-log.ts';
import { escapeControls } from '../../shared/escape-controls.ts';

const pieceBytes = 64 * 1024;
const piecesPerTurn = 16;

/** Reads one log line by line as it grows; control characters made visible. */
export class LogReader {
  readonly #log: SandboxLog;
  readonly #prefix: string;
  /** Where to stop, although the sandbox writes on. */
  readonly #until: number;
  readonly #decoder = new StringDecoder('utf8');
  #position: number;
  #rest = '';

  private constructor(log: SandboxLog, position: number, until: number, prefix: string) {
    this.#log = log;
    this.#position = position;
    this.#until = until;
    this.#prefix = prefix;
  }

  /**
   * Begins with the last `tail` lines, or with all that is still held; reads to the present end, or with `follow` on and on.
   * `prefix` stands before each line.
   */
  static async open(
    log: SandboxLog,
    { tail, follow }: { readonly tail: number | undefined; readonly follow: boolean },
    prefix = '',
  ): Promise<LogReader> {
    const { start, end } = await log.bounds();
    const position = tail === undefined ? start : await findLastLines(log, { start, end, lines: tail });
    return new LogReader(log, position, follow ? Infinity : end, prefix);
  }

  /** What is there now, up to a bound, so that no log starves another. Then says whether more is there, may still come, or never will. */
  async *turn(): AsyncGenerator<string, 'more' | 'idle' | 'ended'> {
    // Asked before reading: what was written before the end is read after it.
    const wasEnded = this.#log.isEnded();
    for (let count = 0; count < piecesPerTurn; count += 1) {
      const wanted = Math.min(pieceBytes, this.#until - this.#position);
      if (wanted <= 0) return 'ended';
      const { bytes, next } = await this.#log.read(this.#position, wanted);
      if (bytes.length === 0 && next === this.#position) return wasEnded ? 'ended' : 'idle';
      this.#position = next;
      const lines = (this.#rest + this.#decoder.write(Buffer.from(bytes))).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) yield this.#shown(line);
      if (this.#rest.length >= pieceBytes) yield this.#takeRest();
    }
    return 'more';
  }

  /** The last line, when it has no line end. */
  *end(): Generator<string> {
    if (this.#rest !== '') yield this.#takeRest();
  }

  #takeRest(): string {
    const rest = this.#rest;
    this.#rest = '';
    return this.#shown(rest);
  }

  #shown(line: string): string {
    return `${this.#prefix}${escapeControls(line)}\n`;
  }
}

interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly lines: number;
}

/** Where the last lines before `end` begin, read backwards piece by piece. */
async function findLastLines(log: SandboxLog, { start, end, lines }: Stretch): Promise<number> {
  if (lines === 0) return end;
  let found = 0;
  for (let to = end; to > start; to -= pieceBytes) {
    const from = Math.max(start, to - pieceBytes);
    const bytes = await readStretch(log, from, to);
    for (let index = bytes.length - 1; index >= 0; index -= 1) {
      // The line end of the very last line begins nothing.
      if (bytes[index] !== 0x0a || from + index === end - 1) continue;
      found += 1;
      if (found === lines) return from + index + 1;
    }
  }
  return start;
}

async function readStretch(log: SandboxLog, from: number, to: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (let position = from; position < to;) {
    const { bytes, next } = await log.read(position, to - position);
    // Where bytes were dropped meanwhile, a mark stands for them: positions no longer fit, so nothing is counted there.
    if (next === position || next - position !== bytes.length) return Buffer.alloc(0);
    pieces.push(bytes);
    position = next;
  }
  return Buffer.concat(pieces);
}
