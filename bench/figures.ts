import { readFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';

/** The value that `share` (0 to 1) of the samples do not exceed (nearest rank). */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** Prints rows below a header, as a Markdown table. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  console.log(line(header));
  console.log(line(widths.map((width) => '-'.repeat(width))));
  for (const row of rows) console.log(line(row));
}

/** Processor, memory, kernel and load of the machine: figures mean little without them. */
export async function describeMachine(): Promise<string> {
  const [load = '?'] = (await readFile('/proc/loadavg', 'utf8')).split(' ');
  const memoryGib = Math.round(totalmem() / 1024 ** 3);
  return `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, ${memoryGib} GiB, Linux ${release()}, Node ${process.version}, load ${load} before`;
}
