import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import type { HandoverChannel, InheritedListeners } from '../../shared/handover-channel.ts';
import { namesVariable } from './handed-down.ts';
import { ipcChannel } from './ipc-channel.ts';

export interface SuccessorLaunch {
  readonly program: string;
  /** Of `berth`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where its messages go, as do this process's. */
  readonly logPath: string;
  readonly listeners: InheritedListeners;
}

const shownLines = 10;

/** Starts the next server as a process of its own, with the sockets of this one, and the means to talk with it. */
export function launchSuccessor({
  program,
  args,
  env,
  logPath,
  listeners,
}: SuccessorLaunch): HandoverChannel & { readonly pid: number | undefined } {
  const logStart = statSync(logPath, { throwIfNoEntry: false })?.size ?? 0;
  const names = [...listeners.keys()];
  const child = spawn(program, args, {
    env: { ...env, [namesVariable]: names.join(' ') },
    detached: true,
    cwd: '/',
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...listeners.values()],
  });
  const closed = new AbortController();
  const gone = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      const how = `The new server ended with ${signal ?? `exit code ${code}`}.`;
      closed.abort(new Error(`${how}${logTail(logPath, logStart)}`));
      resolve();
    });
    child.once('error', (error) => {
      closed.abort(new Error(`The new server could not be started: ${error.message}.`));
      resolve();
    });
  });
  const channel = ipcChannel(child, {
    closed: closed.signal,
    async end() {
      child.kill('SIGKILL');
      await gone;
    },
  });
  return { ...channel, pid: child.pid };
}

/** What it said last. */
function logTail(path: string, start: number): string {
  try {
    const text = readFileSync(path).subarray(start).toString().trimEnd();
    return text === '' ? '' : `\n${text.split('\n').slice(-shownLines).join('\n')}`;
  } catch {
    return '';
  }
}
