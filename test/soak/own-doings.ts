import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SoakReport } from './soak-report.ts';

/** What a server does by itself, as its log says it, and whether it could be done. */
const doings: Readonly<Record<string, { readonly what: string; readonly isDone: boolean }>> = {
  'session hibernated': { what: 'way to disk', isDone: true },
  'session could not be hibernated': { what: 'way to disk', isDone: false },
  'session woken': { what: 'way back', isDone: true },
  'pooled sandbox ready': { what: 'refill of a pool', isDone: true },
  'pooled sandbox failed to start': { what: 'refill of a pool', isDone: false },
};

/** So that the table says how often sessions were taken to disk and back, and pools filled. */
export async function noteOwnDoings(home: string, report: SoakReport): Promise<void> {
  const input = createReadStream(join(home, 'server.log'));
  for await (const line of createInterface({ input })) {
    const { message, durationMs } = parse(line);
    const doing = doings[String(message)];
    if (doing !== undefined)
      report.note(doing.what, { isDone: doing.isDone, durationMs: Number(durationMs ?? 0) });
  }
}

/** Not every line of a log is a record of the server's. */
function parse(line: string): { readonly message?: unknown; readonly durationMs?: unknown } {
  try {
    return JSON.parse(line) as ReturnType<typeof parse>;
  } catch {
    return {};
  }
}
