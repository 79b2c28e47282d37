import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
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

export async function removeRunFile(home: string): Promise<void> {
  await rm(runFilePath(home), { force: true });
}

/** Believes the file only when the process it names is the very one that wrote it. */
export async function findServerProcess(home: string): Promise<ServerProcess> {
  try {
    const run = runFileSchema.parse(JSON.parse(await readFile(runFilePath(home), 'utf8')));
    return (await startTicksOf(run.pid)) === run.startTicks
      ? { state: 'running', run }
      : { state: 'stopped' };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') return { state: 'unknown' };
    return { state: 'stopped' };
  }
}

/** Field 22 of /proc/PID/stat (proc(5)), after the name, which may hold spaces; undefined for a dead or zombie process. */
async function startTicksOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' ? undefined : fields?.[19];
}

function runFilePath(home: string): string {
  return join(home, 'server.json');
}
