import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from '../../images/blob-store.ts';
import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import { type ContainerdApi, connectContainerd } from './api/containerd-api.ts';
import { withBerthErrors } from './api/engine-error.ts';
import { contentStore } from './content-store.ts';
import { mountPoints } from './disks/kernel-disks.ts';
import type { EnginePrograms } from './engine-programs.ts';
import { removeRunscState } from './isolations/runsc.ts';
import { startLazySnapshotter } from './lazy/lazy-snapshotter.ts';
import { type EngineLog, startPrivateContainerd } from './private-containerd.ts';
import { removeUserNamespaceMounts } from './user-namespace-mounts.ts';

export interface ContainerdEngineOptions {
  /** The server's state directory, absolute. */
  readonly home: string;
  /** 6 to 8 hexadecimal digits that no other server on this machine has. */
  readonly serverTag: string;
  /** Socket of a containerd to use instead of a private one; that one is never started or stopped. */
  readonly containerdSocket: string | undefined;
  /** Parent of short-lived files: sockets, bundles. `/run/berth` when not set. */
  readonly runDir?: string;
  readonly programs: EnginePrograms;
  /** Whether images may start before they are here. */
  readonly isLazy?: boolean;
  readonly clock: Clock;
  readonly log: EngineLog;
}

/** The containerd of a server, connected and answering, with the blob store in it. Drivers are made from it. */
export interface ContainerdEngine extends AsyncDisposable {
  readonly api: ContainerdApi;
  readonly blobs: BlobStore;
  readonly serverTag: string;
  readonly programs: EnginePrograms;
  /** Why images cannot start before they are here; undefined when they can. */
  readonly lazyMissing: string | undefined;
  /** Of the private daemon; undefined for a named one. Changes when it was restarted. */
  readonly daemonPid: number | undefined;
  /** The server's state directory. */
  readonly home: string;
  /** The server's folder for short-lived files; empty after a reboot. */
  readonly runDir: string;
  readonly socketPath: string;
  /** The namespace in containerd that all of the server's things are in. */
  readonly namespace: string;
  /** For a handover: a private daemon that dies is left to another server until `resume`. */
  pause(): Promise<void>;
  resume(): void;
  /** Ends the private daemon and removes `runDir`: for when no sandbox is left. A named one is left alone. */
  stop(): Promise<void>;
  /** Disconnects; a private daemon goes on running with its sandboxes. Idempotent. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Rejects with `unavailable` when containerd is not installed or does not answer. */
export async function openContainerdEngine(options: ContainerdEngineOptions): Promise<ContainerdEngine> {
  const { serverTag, containerdSocket, clock } = options;
  const runDir = join(options.runDir ?? '/run/berth', serverTag);
  const namespace = `berth-${serverTag}`;
  const lazy =
    options.isLazy === true && containerdSocket === undefined
      ? await startLazySnapshotter({ ...options, runDir })
      : undefined;
  const daemon =
    containerdSocket === undefined ? await startPrivateContainerd({ ...options, runDir }) : undefined;
  const socketPath = daemon?.socketPath ?? containerdSocket ?? '';
  const api = connectContainerd({ socketPath, namespace });
  try {
    await requireAnswer(api, containerdSocket);
    await withBerthErrors(() => api.system.createNamespace(namespace));
    // The daemon collects once right after its start: over and done with before new content comes in.
    await withBerthErrors(() => api.leases.collect());
  } catch (error) {
    api.close();
    await daemon?.[Symbol.asyncDispose]();
    await lazy?.[Symbol.asyncDispose]();
    throw error;
  }
  return {
    api,
    blobs: contentStore({ api, clock }),
    serverTag,
    programs: options.programs,
    home: options.home,
    runDir,
    socketPath,
    namespace,
    get lazyMissing() {
      if (containerdSocket !== undefined) return 'a containerd that is shared has no snapshotter of Berth';
      return lazy === undefined ? 'it is turned off' : lazy.missing;
    },
    get daemonPid() {
      return daemon?.pid;
    },
    async pause() {
      await Promise.all([daemon?.pause(), lazy?.pause()]);
    },
    resume() {
      daemon?.resume();
      lazy?.resume();
    },
    async stop() {
      api.close();
      if (daemon === undefined) return;
      await daemon.stop();
      await removeRunscState(runDir);
      await removeUserNamespaceMounts(runDir);
      await lazy?.stop();
      if ((await mountPoints(runDir)).length === 0) await rm(runDir, { recursive: true, force: true });
    },
    async [Symbol.asyncDispose]() {
      api.close();
      await daemon?.[Symbol.asyncDispose]();
      await lazy?.[Symbol.asyncDispose]();
    },
  };
}

async function requireAnswer(api: ContainerdApi, socket: string | undefined): Promise<void> {
  try {
    await api.system.version({ timeoutMs: answerTimeoutMs });
  } catch (error) {
    throw new BerthError(
      'unavailable',
      `containerd does not answer${socket === undefined ? '' : ` at ${socket}. Start it, or name no socket to let this server have one of its own`}.`,
      { cause: error },
    );
  }
}

const answerTimeoutMs = 5_000;
