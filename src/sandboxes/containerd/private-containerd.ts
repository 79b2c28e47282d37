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
import { daemonVersion } from './daemon-version.ts';
import { requireDaemonProgram, requireUsablePath } from './engine-needs.ts';
import type { EnginePrograms } from './engine-programs.ts';
import { lazySocketPath } from './lazy/lazy-snapshotter.ts';
import { hasShims } from './shims.ts';
import { superviseDaemon, type Supervision } from './supervise-daemon.ts';
import { idMapFolder } from './user-namespace-mounts.ts';

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
  readonly programs: EnginePrograms;
  readonly clock: Clock;
  readonly log: EngineLog;
}

/**
 * A containerd of the server's own, which outlives it. Disposing stops only the supervision; `stop` ends the daemon, and is
 * for when no sandbox is left.
 */
export interface PrivateContainerd extends Supervision {
  readonly socketPath: string;
  /** Changes when it was restarted. */
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * Takes over the daemon that a former server left, or starts one; restarts it from then on when it dies. One that is not of the
 * programs found now is replaced, unless sandboxes run under it.
 */
export async function startPrivateContainerd(options: PrivateContainerdOptions): Promise<PrivateContainerd> {
  const { clock, log } = options;
  const paths = await preparePaths(options);
  const { files, socketPath } = paths;
  const version = daemonVersion(join(options.runDir, 'containerd.version'), socketPath);

  let daemon = await takeOverOrReplace();
  const supervision = superviseDaemon({
    isAlive: () => daemon.isAlive(),
    async replace() {
      log.warn({ pid: daemon.pid }, 'containerd died and is restarted; sandboxes go on running');
      daemon = await takeOverOrStart();
    },
    onFailure: (error) => log.error({ error: messageOf(error) }, 'containerd could not be restarted'),
    everyMs: checkIntervalMs,
    clock,
  });

  async function takeOverOrReplace(): Promise<DaemonProcess> {
    const found = await takeOverOrStart();
    const { program, searchPath } = await requireDaemonProgram(options.programs);
    if (await found.isOf(program, searchPath)) return found;
    if (await hasShims(socketPath)) {
      log.info(
        { pid: found.pid, program },
        'containerd of a former server goes on, because it has sandboxes',
      );
      return found;
    }
    log.info({ pid: found.pid, program }, 'containerd of a former server has no sandboxes and is replaced');
    await found.stop(10_000);
    return start();
  }

  async function takeOverOrStart(): Promise<DaemonProcess> {
    // A second daemon on the same root does not fail, it hangs: so the first must be found, or be gone for sure.
    const found = await findDaemon(files);
    if (found !== undefined) {
      if ((await versionOf(socketPath, startTimeoutMs)) !== undefined) return found;
      log.warn({ pid: found.pid }, 'containerd does not answer and is replaced');
      await found.stop(2_000);
    } else if ((await versionOf(socketPath, 500)) !== undefined) {
      throw new BerthError(
        'unavailable',
        `A containerd that this server did not start answers at ${socketPath}. End it, or give the server another home.`,
      );
    }
    return start();
  }

  async function start(): Promise<DaemonProcess> {
    await writeFile(files.configFile, paths.config);
    // Looked for anew: an update may have replaced them.
    const programs = await requireDaemonProgram(options.programs);
    await version.requireNoStepBack(programs.program);
    const started = await spawnDaemon(files, programs);
    const deadline = performance.now() + startTimeoutMs;
    let answered: string | undefined;
    while ((answered = await versionOf(socketPath, 500)) === undefined) {
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
    await version.remember(answered);
    return started;
  }

  return {
    socketPath,
    get pid() {
      return daemon.pid;
    },
    ...supervision,
    async stop() {
      await supervision[Symbol.asyncDispose]();
      await daemon.stop(10_000);
    },
  };
}

const checkIntervalMs = 250;
const startTimeoutMs = 20_000;

interface PreparedPaths {
  readonly files: DaemonFiles;
  readonly socketPath: string;
  readonly config: string;
}

async function preparePaths({ home, runDir }: PrivateContainerdOptions): Promise<PreparedPaths> {
  requireUsablePath(home);
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
      configFile: join(root, 'config.toml'),
      logFile: join(root, 'containerd.log'),
      pidFile: join(runDir, 'containerd.pid'),
      tempFolder: idMapFolder(runDir),
    },
    socketPath,
    config: containerdConfig({
      root,
      state: join(runDir, 'state'),
      socketPath,
      lazySocketPath: lazySocketPath(runDir),
    }),
  };
}

/** 107 is the kernel's limit; containerd appends `.ttrpc`. */
const maxSocketPathBytes = 100;

/** Undefined when nobody answers. */
async function versionOf(socketPath: string, timeoutMs: number): Promise<string | undefined> {
  const connection = new GrpcConnection({ socketPath, namespace: 'default' });
  try {
    return await systemApi(connection).version({ timeoutMs });
  } catch {
    return undefined;
  } finally {
    connection.close();
  }
}

async function logTail(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '(no log)');
  return text.trimEnd().split('\n').slice(-5).join('\n');
}
