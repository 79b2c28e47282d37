import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { CliError } from '../cli-error.ts';
import { findServerProcess, type RunFile } from './run-file.ts';
import { rotateServerLog, serverLogPath } from './server-log.ts';

export interface Detached {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly signal: AbortSignal;
}

const pollMs = 100;
const shownLines = 20;

/** Starts the program in the background, its output in `server.log` of the home, and waits until the server is ready. */
export async function startDetached({ program, args, env, home, signal }: Detached): Promise<RunFile> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const logPath = serverLogPath(home);
  await rotateServerLog(logPath);
  const log = await open(logPath, 'a', 0o600);
  const { size: logStart } = await log.stat();
  const child = spawn(program, args, { env, detached: true, stdio: ['ignore', log.fd, log.fd], cwd: '/' });
  await log.close();
  let failure: string | undefined;
  const exited = once(child, 'exit').catch(() => {});
  child.on('error', (error) => (failure = error.message));
  child.on('exit', (code, killedBy) => (failure = `it ended with ${killedBy ?? `exit code ${code}`}`));
  for (;;) {
    const server = await findServerProcess(home);
    if (server.state === 'running' && server.run.pid === child.pid) {
      child.unref();
      return server.run;
    }
    if (failure !== undefined) {
      const lines = (await readFile(logPath))
        .subarray(logStart)
        .toString()
        .trimEnd()
        .split('\n')
        .slice(-shownLines);
      throw new CliError(`The server did not start: ${failure}.\n${lines.join('\n')}`, {
        advice: `The whole log is ${logPath}.`,
      });
    }
    if (signal.aborted) {
      child.kill('SIGTERM');
      // It may be in the middle of its start; who is told that it was broken off must not find it running later.
      await exited;
      throw signal.reason;
    }
    await delay(pollMs);
  }
}
