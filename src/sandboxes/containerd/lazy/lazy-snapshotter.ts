import { access, mkdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../shared/clock.ts';
import { messageOf } from '../../../shared/errors.ts';
import { type DaemonFiles, type DaemonProcess, findDaemon, spawnDaemon } from '../daemon-process.ts';
import { mountPoints } from '../disks/kernel-disks.ts';
import { idMapFolder } from '../user-namespace-mounts.ts';
import type { EnginePrograms } from '../engine-programs.ts';
import { superviseDaemon, type Supervision } from '../supervise-daemon.ts';

export interface LazySnapshotterOptions {
  /** The server's state directory, absolute. */
  readonly home: string;
  /** The server's folder for short-lived files. */
  readonly runDir: string;
  readonly programs: EnginePrograms;
  readonly clock: Clock;
  readonly log: {
    info(fields: Readonly<Record<string, unknown>>, message: string): void;
    warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  };
}

/**
 * The daemon that mounts eStargz layers before they are here (engine/stargz). Like containerd it outlives the server. Disposing
 * stops only the supervision; `stop` ends the daemon and unmounts everything, for when no sandbox is left.
 */
export interface LazySnapshotter extends Supervision {
  /** Why it cannot be used here, with what to do; undefined when it runs. */
  readonly missing: string | undefined;
  stop(): Promise<void>;
}

export function lazySocketPath(runDir: string): string {
  return join(runDir, 'stargz.sock');
}

/** Where the daemon asks for what is not in the content store yet. */
export function blobSourcePath(runDir: string): string {
  return join(runDir, 'blobs.sock');
}

/**
 * Takes over the daemon that a former server left, or starts one; starts another when it dies. One that is not the program found
 * now is replaced, unless something stands on its mounts. Never rejects: without it images are pulled whole.
 */
export async function startLazySnapshotter(options: LazySnapshotterOptions): Promise<LazySnapshotter> {
  const { home, runDir, programs, clock, log } = options;
  const root = join(home, 'stargz');
  const files: DaemonFiles = {
    configFile: join(root, 'config.json'),
    logFile: join(root, 'stargz.log'),
    pidFile: join(runDir, 'stargz.pid'),
    tempFolder: idMapFolder(runDir),
  };
  let daemon: DaemonProcess | undefined;
  let missing = await tryStart();
  const supervision = superviseDaemon({
    isAlive: async () => daemon === undefined || daemon.isAlive(),
    async replace() {
      log.warn(
        { pid: daemon?.pid, log: files.logFile },
        'the snapshotter of lazy images died and is restarted; sandboxes that still need it fail',
      );
      missing = await tryStart();
    },
    onFailure: (error) =>
      log.warn({ error: messageOf(error) }, 'the snapshotter of lazy images could not be restarted'),
    everyMs: checkIntervalMs,
    clock,
  });

  async function tryStart(): Promise<string | undefined> {
    daemon = await findDaemon(files);
    const program = await programs.find('stargz');
    if (daemon !== undefined) {
      if (program === undefined || (await isToStay(daemon, program.path))) return undefined;
      log.info(
        { pid: daemon.pid, program: program.path },
        'the snapshotter of a former server has no mounts and is replaced',
      );
      await daemon.stop(10_000);
      daemon = undefined;
    }
    if (program === undefined) return 'the engine has no program berth-stargz';
    if (!(await isThere('/dev/fuse'))) return 'this machine has no /dev/fuse (modprobe fuse)';
    try {
      await mkdir(root, { recursive: true, mode: 0o711 });
      await mkdir(runDir, { recursive: true, mode: 0o711 });
      const paths = {
        root,
        socket: lazySocketPath(runDir),
        blobs: join(home, 'containerd/io.containerd.content.v1.content/blobs'),
        source: blobSourcePath(runDir),
      };
      await writeFile(files.configFile, JSON.stringify(paths), { mode: 0o600 });
      daemon = await spawnDaemon(files, { program: program.path, searchPath: await programs.searchPath() });
      return undefined;
    } catch (error) {
      return `it does not start (${messageOf(error)})`;
    }
  }

  async function isToStay(found: DaemonProcess, program: string): Promise<boolean> {
    if (await found.isOf(program, await programs.searchPath())) return true;
    return (await mountPoints(await realpath(root))).length > 0;
  }

  return {
    get missing() {
      return missing;
    },
    ...supervision,
    async stop() {
      await supervision[Symbol.asyncDispose]();
      await daemon?.stop(10_000);
    },
  };
}

const checkIntervalMs = 1_000;

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
