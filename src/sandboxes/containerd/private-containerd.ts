import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
// Of the system: a daemon that starts keeps to no injected time.
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';
import { BerthError, messageOf } from '../../shared/errors.ts';
import { GrpcConnection } from './api/grpc-connection.ts';
import { systemApi } from './api/system-api.ts';
import { containerdConfig } from './containerd-config.ts';
import { type DaemonFiles, type DaemonProcess, findDaemon, spawnDaemon } from './daemon-process.ts';
import { findProgram } from './find-program.ts';

export interface EngineLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface PrivateContainerdOptions {
  /** The server's state directory, absolute. */
  readonly home: string;
  /** Short-lived files: sockets, bundles. Absolute and short; gone after a reboot. */
  readonly runDir: string;
  readonly clock: Clock;
  readonly log: EngineLog;
}

/**
 * A containerd of the server's own, which outlives it. Disposing stops only the supervision; `stop` ends the daemon, and is
 * for when no sandbox is left.
 */
export interface PrivateContainerd extends AsyncDisposable {
  readonly socketPath: string;
  /** Changes when it was restarted. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** Takes over the daemon that a former server left, or starts one; restarts it from then on when it dies. */
export async function startPrivateContainerd(options: PrivateContainerdOptions): Promise<PrivateContainerd> {
  const { clock, log } = options;
  const paths = await preparePaths(options);
  const { files, socketPath } = paths;

  let daemon = await takeOverOrStart();
  let isSupervised = true;
  let cancelCheck = clock.after(checkIntervalMs, check);
  let checking: Promise<void> = Promise.resolve();

  async function takeOverOrStart(): Promise<DaemonProcess> {
    // A second daemon on the same root does not fail, it hangs: so the first must be found, or be gone for sure.
    const found = await findDaemon(files);
    if (found !== undefined) {
      if (await answers(socketPath, startTimeoutMs)) return found;
      log.warn({ pid: found.pid }, 'containerd does not answer and is replaced');
      await found.stop(2_000);
    } else if (await answers(socketPath, 500)) {
      throw new BerthError(
        'unavailable',
        `A containerd that this server did not start answers at ${socketPath}. End it, or give the server another home.`,
      );
    }
    return start();
  }

  async function start(): Promise<DaemonProcess> {
    await writeFile(files.configFile, paths.config);
    const started = await spawnDaemon(files);
    const deadline = performance.now() + startTimeoutMs;
    while (!(await answers(socketPath, 500))) {
      const isAlive = await started.isAlive();
      if (isAlive && performance.now() < deadline) {
        await wait(20);
        continue;
      }
      await started.stop(0);
      throw new BerthError(
        'unavailable',
        `containerd ${isAlive ? 'does not answer' : 'ended'} right after its start. The end of its log ${files.logFile}: ${await logTail(files.logFile)}`,
      );
    }
    return started;
  }

  function check(): void {
    checking = restartIfDead().then((waitMs) => {
      if (isSupervised) cancelCheck = clock.after(waitMs, check);
    });
  }

  let retryMs = firstRetryMs;
  async function restartIfDead(): Promise<number> {
    if (await daemon.isAlive()) {
      retryMs = firstRetryMs;
      return checkIntervalMs;
    }
    if (!isSupervised) return 0;
    log.warn({ pid: daemon.pid }, 'containerd died and is restarted; sandboxes go on running');
    try {
      daemon = await takeOverOrStart();
      return checkIntervalMs;
    } catch (error) {
      log.error({ error: messageOf(error) }, 'containerd could not be restarted');
      retryMs = Math.min(retryMs * 2, lastRetryMs);
      return retryMs;
    }
  }

  async function endSupervision(): Promise<void> {
    isSupervised = false;
    cancelCheck();
    await checking;
  }

  return {
    socketPath,
    get pid() {
      return daemon.pid;
    },
    async stop() {
      await endSupervision();
      await daemon.stop(10_000);
    },
    [Symbol.asyncDispose]: endSupervision,
  };
}

const checkIntervalMs = 250;
const firstRetryMs = 250;
const lastRetryMs = 10_000;
const startTimeoutMs = 20_000;

interface PreparedPaths {
  readonly files: DaemonFiles;
  readonly socketPath: string;
  readonly config: string;
}

async function preparePaths({ home, runDir }: PrivateContainerdOptions): Promise<PreparedPaths> {
  if (/[,:\\"\n]/.test(home)) {
    throw new BerthError(
      'unavailable',
      `The path of the home directory (${home}) must hold none of , : \\ "`,
    );
  }
  const program = await requirePrograms();
  const socketPath = join(runDir, 'containerd.sock');
  if (Buffer.byteLength(socketPath) > maxSocketPathBytes) {
    throw new BerthError(
      'unavailable',
      `The socket path ${socketPath} is longer than ${maxSocketPathBytes} bytes: use a shorter one.`,
    );
  }
  const root = join(home, 'containerd');
  await mkdir(root, { recursive: true, mode: 0o711 });
  await mkdir(runDir, { recursive: true, mode: 0o711 });
  return {
    files: {
      program,
      configFile: join(root, 'config.toml'),
      logFile: join(root, 'containerd.log'),
      pidFile: join(runDir, 'containerd.pid'),
    },
    socketPath,
    config: containerdConfig({ root, state: join(runDir, 'state'), socketPath }),
  };
}

/** 107 is the kernel's limit; containerd appends `.ttrpc`. */
const maxSocketPathBytes = 100;

async function requirePrograms(): Promise<string> {
  const names = ['containerd', 'containerd-shim-runc-v2', 'runc'];
  const found = await Promise.all(names.map(findProgram));
  const missing = names.filter((_, at) => found[at] === undefined);
  const [program] = found;
  if (missing.length === 0 && program !== undefined) return program;
  throw new BerthError(
    'unavailable',
    `The sandbox engine is not installed: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing. Run scripts/setup.sh, or name the socket of a containerd to use.`,
  );
}

async function answers(socketPath: string, timeoutMs: number): Promise<boolean> {
  const connection = new GrpcConnection({ socketPath, namespace: 'default' });
  try {
    await systemApi(connection).version({ timeoutMs });
    return true;
  } catch {
    return false;
  } finally {
    connection.close();
  }
}

async function logTail(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '(no log)');
  return text.trimEnd().split('\n').slice(-5).join('\n');
}
