import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { startTicksOf } from '../../shared/process-identity.ts';
import { writePrivately } from '../credentials/write-privately.ts';

const runFileSchema = z.object({
  pid: z.number().int().positive(),
  /** The kernel's start time of that process: a pid alone may belong to another process by now. */
  startTicks: z.string(),
  url: z.string(),
  engine: z.string(),
  isolation: z.string(),
  warnings: z.array(z.string()),
  startedAtMs: z.number(),
});

/** What a running server says about itself, in `server.json` of its home. */
export type RunFile = z.infer<typeof runFileSchema>;

/** What is known of the server of a home. `unknown`: the home is not readable for this user. */
export type ServerProcess =
  | { readonly state: 'running'; readonly run: RunFile }
  | { readonly state: 'stopped' }
  | { readonly state: 'unknown' };

export async function writeRunFile(home: string, run: Omit<RunFile, 'startTicks'>): Promise<void> {
  const startTicks = await startTicksOf(run.pid);
  if (startTicks === undefined) throw new Error(`there is no process ${run.pid}`);
  await writePrivately(runFilePath(home), `${JSON.stringify({ ...run, startTicks })}\n`);
}

/** The file of another process, which has taken over, is left alone. */
export async function removeRunFile(home: string, pid: number): Promise<void> {
  const named = await readRunFile(home).catch(() => undefined);
  if (named === undefined || named.pid === pid) await rm(runFilePath(home), { force: true });
}

/** Believes the file only when the process it names is the very one that wrote it. */
export async function findServerProcess(home: string): Promise<ServerProcess> {
  try {
    const run = await readRunFile(home);
    return (await startTicksOf(run.pid)) === run.startTicks
      ? { state: 'running', run }
      : { state: 'stopped' };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') return { state: 'unknown' };
    return { state: 'stopped' };
  }
}

async function readRunFile(home: string): Promise<RunFile> {
  return runFileSchema.parse(JSON.parse(await readFile(runFilePath(home), 'utf8')));
}

function runFilePath(home: string): string {
  return join(home, 'server.json');
}
