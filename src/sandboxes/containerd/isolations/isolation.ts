import type { ContainerRuntime } from '../api/containers-api.ts';
import type { UserRange } from '../oci/user-range.ts';

/** A wall around agents, by name. What the OCI spec of its sandboxes has of its own is data, so that one function makes them all. */
export interface Isolation {
  readonly name: string;
  readonly spec: IsolationSpec;
  /** How the processes of a sandbox are reached from the host, for programs that run beside an agent. */
  readonly processes: ProcessView;
  /** Whether gVisor's program can write its sandboxes' memory down and read it back. */
  readonly canHibernate: boolean;
  /**
   * The shim and its options, for a sandbox with those users of the host, if it has some of its own. Looked up anew for each: programs come
   * and go. Rejects with `unavailable` when not usable.
   */
  runtime(users?: UserRange): Promise<ContainerRuntime>;
  /** Its OCI runtime, absolute; undefined when it has none that runs by itself, which is a shim, or when it is not there. */
  ociRuntime(): Promise<string | undefined>;
  /** Why it cannot be used on this machine and what to do, a sentence; undefined when it can. */
  problem(): Promise<string | undefined>;
}

export interface IsolationSpec {
  /** Whether its kernel is the host's, which the seccomp profile and masked files guard. */
  readonly sharesKernel: boolean;
  readonly annotations: Readonly<Record<string, string>>;
  /** It would put a memory file system over an empty /tmp, beyond the disk's limit. */
  readonly coversEmptyTmp: boolean;
  /** Processes and threads of the host that it needs for itself: added to the sandbox's limit. */
  readonly ownTasks: number;
  /** Whether its sandboxes get users of their own on the host, where that can be: nobody's, root inside included. */
  readonly hasOwnUsers: boolean;
}

/**
 * `host`: they are processes of the host, in the sandbox's control group. `runsc`: they are inside gVisor, and its program lists
 * and signals them. `shim`: only the shim reaches them, each by itself.
 */
export type ProcessView = 'host' | 'runsc' | 'shim';
