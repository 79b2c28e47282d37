import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
// Of the system: waiting for a process must keep the server alive, and a process keeps to no injected time.
import { setTimeout as wait } from 'node:timers/promises';

/** What to run, and where it finds its shims and they find runc. */
export interface DaemonProgram {
  /** Absolute. */
  readonly program: string;
  readonly searchPath: string;
}

export interface DaemonFiles {
  readonly configFile: string;
  readonly logFile: string;
  readonly pidFile: string;
  /** Where it and its shims mount things for a moment. */
  readonly tempFolder: string;
}

/** A containerd as a process of this machine, known by its pid file; started detached, so that it outlives the server. */
export interface DaemonProcess {
  readonly pid: number;
  isAlive(): Promise<boolean>;
  /** Whether it runs that very file, which an update may have replaced, with that search path. */
  isOf(program: string, searchPath: string): Promise<boolean>;
  /** SIGTERM, after `graceMs` SIGKILL; resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
}

/** The one that the pid file names, if it is alive and really ours. */
export async function findDaemon(files: DaemonFiles): Promise<DaemonProcess | undefined> {
  const pid = Number((await readFile(files.pidFile, 'utf8').catch(() => '')).trim());
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
  const daemon = daemonProcess(pid, files);
  return (await daemon.isAlive()) ? daemon : undefined;
}

export async function spawnDaemon(files: DaemonFiles, what: DaemonProgram): Promise<DaemonProcess> {
  const size = await stat(files.logFile).then(
    (found) => found.size,
    () => 0,
  );
  if (size > maxLogBytes) await rename(files.logFile, `${files.logFile}.1`);
  await mkdir(files.tempFolder, { recursive: true, mode: 0o700 });
  const child = detached(files, what);
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
  await writeFile(files.pidFile, `${pid}\n`);
  return daemonProcess(pid, files);
}

const maxLogBytes = 10 * 1024 * 1024;

function detached(
  { configFile, logFile, tempFolder }: DaemonFiles,
  { program, searchPath }: DaemonProgram,
): ChildProcess {
  const log = openSync(logFile, 'a', 0o600);
  try {
    const child = spawn(program, ['--config', configFile], {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: '/',
      env: { PATH: searchPath, LC_ALL: 'C', TMPDIR: tempFolder },
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

function daemonProcess(pid: number, files: DaemonFiles): DaemonProcess {
  // A pid is used again after a while; a zombie has no command line.
  const isAlive = async () =>
    (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').includes(files.configFile);
  const waitUntilGone = async (timeoutMs: number) => {
    const deadline = performance.now() + timeoutMs;
    while (await isAlive()) {
      if (performance.now() >= deadline) return false;
      await wait(20);
    }
    return true;
  };
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(pid, name);
    } catch {
      // It ended by itself.
    }
  };
  return {
    pid,
    isAlive,
    async isOf(program, searchPath) {
      const [running, wanted, environment] = await Promise.all([
        stat(`/proc/${pid}/exe`).catch(() => undefined),
        stat(program),
        readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
      ]);
      const isSameFile = running?.ino === wanted.ino && running.dev === wanted.dev;
      return isSameFile && environment.split('\0').includes(`PATH=${searchPath}`);
    },
    async stop(graceMs) {
      if (await isAlive()) signal('SIGTERM');
      if (!(await waitUntilGone(graceMs))) {
        signal('SIGKILL');
        await waitUntilGone(10_000);
      }
      await rm(files.pidFile, { force: true });
    },
  };
}
