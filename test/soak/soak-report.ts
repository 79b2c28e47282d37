import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../src/shared/errors.ts';

/** Whatever is killed meanwhile, nothing takes so long. */
const limitMs = 60_000;

/** What a soak did, and what it found that must not be. */
export class SoakReport {
  readonly findings: string[] = [];
  readonly #tell: (line: string) => void;
  readonly #counts = new Map<
    string,
    { done: number; brokenOff: number; totalMs: number; longestMs: number }
  >();

  constructor(parts: { readonly tell: (line: string) => void }) {
    this.#tell = parts.tell;
  }

  /** A call that a kill of something broke off is no finding. */
  note(
    what: string,
    { isDone, durationMs }: { readonly isDone: boolean; readonly durationMs: number },
  ): void {
    const count = this.#counts.get(what) ?? { done: 0, brokenOff: 0, totalMs: 0, longestMs: 0 };
    if (isDone) count.done += 1;
    else count.brokenOff += 1;
    count.totalMs += durationMs;
    count.longestMs = Math.max(count.longestMs, durationMs);
    this.#counts.set(what, count);
  }

  /** Notes what is done, and that it failed where it may not, as asked then, or hangs. Whether it was done. */
  async timed(what: string, work: () => Promise<void>, mayFail: () => boolean): Promise<boolean> {
    const startedAt = performance.now();
    const isOver = new AbortController();
    const tooLong = sleep(limitMs, new Error(`it takes more than ${limitMs / 1000} s`), isOver);
    const failure = await Promise.race([work().then(() => undefined), tooLong]).catch(
      (error: unknown) => error,
    );
    isOver.abort();
    const durationMs = performance.now() - startedAt;
    this.note(what, { isDone: failure === undefined, durationMs });
    if (failure !== undefined && (durationMs >= limitMs || !mayFail()))
      this.found(`${what} failed: ${messageOf(failure)}`);
    return failure === undefined;
  }

  found(what: string): void {
    this.findings.push(what);
    this.#tell(`  ${new Date().toISOString()} found: ${what}`);
  }

  /** How often something was done. */
  done(what: string): number {
    return this.#counts.get(what)?.done ?? 0;
  }

  table(): string {
    const head = ['what', 'done', 'broken off', 'mean ms', 'longest ms'];
    const rows = [...this.#counts].map(([what, { done, brokenOff, totalMs, longestMs }]) => [
      what,
      String(done),
      String(brokenOff),
      (totalMs / (done + brokenOff)).toFixed(0),
      longestMs.toFixed(0),
    ]);
    const widths = head.map((title, at) =>
      Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)),
    );
    return [head, ...rows]
      .map((row) =>
        row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))),
      )
      .map((cells) => cells.join('  '))
      .join('\n');
  }
}
