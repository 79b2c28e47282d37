import { lastLines } from '../sandboxes/sandbox-log-reading.ts';
import type { LiveSession } from './live-session.ts';

const logTail = { lines: 20, maxBytes: 16 * 1024 };

/** What the agent said last, for whoever asks why it ended; nothing when that cannot be read. */
export async function lastLogLines({ log }: Pick<LiveSession, 'log'>): Promise<readonly string[]> {
  return log === undefined ? [] : lastLines(log, logTail).catch(() => []);
}
