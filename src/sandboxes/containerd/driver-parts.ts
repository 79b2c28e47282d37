import type { Clock } from '../../shared/clock.ts';
import type { SandboxId } from '../../shared/ids.ts';
import type { Steps } from '../../shared/steps.ts';
import type { Cgroups } from './cgroups.ts';
import type { ContainerdEngine } from './containerd-engine.ts';
import type { DiskPool } from './disks/disk-pool.ts';
import type { VolumePool } from './disks/volume-pool.ts';
import type { Isolations } from './isolations/isolations.ts';
import type { NetworkPool } from './network/network-pool.ts';
import type { EngineLog } from './private-containerd.ts';
import type { SandboxFiles } from './sandbox-files.ts';
import type { UserNamespaces } from './user-namespaces.ts';

/** What the steps of the driver work with. */
export interface DriverParts {
  readonly engine: Pick<
    ContainerdEngine,
    | 'api'
    | 'daemonPid'
    | 'home'
    | 'namespace'
    | 'programs'
    | 'lazyMissing'
    | 'runDir'
    | 'serverTag'
    | 'socketPath'
  >;
  readonly networkPool: NetworkPool;
  readonly diskPool: DiskPool;
  readonly volumes: VolumePool;
  readonly cgroups: Cgroups;
  readonly files: SandboxFiles;
  readonly isolations: Isolations;
  /** Undefined when they are switched off. */
  readonly userNamespaces: UserNamespaces | undefined;
  /** The hard limit that sandboxes inherit. */
  readonly openFilesLimit: () => Promise<number>;
  readonly clock: Clock;
  readonly log: EngineLog;
  /** For tests that kill the server at each of them. */
  readonly steps?: Steps | undefined;
}

/** Where the kernel counts and limits a sandbox. */
export function cgroupPath({ engine }: Pick<DriverParts, 'engine'>, id: string): string {
  return `${cgroupParent({ engine })}/${id}`;
}

export function cgroupParent({ engine }: Pick<DriverParts, 'engine'>): string {
  return `/berth-${engine.serverTag}`;
}

/** The sandbox of a mounted root file system of this server, as containerd names its bundles. */
export function sandboxOfMount(
  { engine }: Pick<DriverParts, 'engine'>,
  mountPoint: string,
): SandboxId | undefined {
  const [, namespace, id] =
    /\/io\.containerd\.runtime\.v2\.task\/([^/]+)\/([^/]+)\/rootfs$/.exec(mountPoint) ?? [];
  return namespace === engine.namespace ? (id as SandboxId | undefined) : undefined;
}
