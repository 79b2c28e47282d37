import type { SandboxId } from '../shared/ids.ts';
import type { Digest } from '../images/digest.ts';
import type { EgressPolicy } from './egress-policy.ts';
import type { ExecSpec, SandboxProcess } from './sandbox-process.ts';
import type { MountedStorage } from './storage-volumes.ts';

/** Whose sandbox it is. Limits, ports and the pattern of session ids come from the owner (design: owner kinds). */
export interface SandboxOwner {
  readonly kind: 'runtime';
  readonly accountId: string;
  readonly region: string;
  readonly runtimeId: string;
  readonly version: number;
}

export interface SandboxLimits {
  readonly memoryBytes: number;
  /** Whole or fractional processors. */
  readonly cpus: number;
  readonly pids: number;
  /** Size of the writable layer; a full one is a full disk to the agent only. */
  readonly diskBytes: number;
}

/**
 * What to start. Everything here belongs to the owner's version; nothing of a session is in it, so that a sandbox can be
 * started before anyone claims it (docs/decisions/0018-warm-pool.md).
 */
export interface SandboxSpec {
  readonly id: SandboxId;
  readonly owner: SandboxOwner;
  /** Digest of the image manifest for this machine's platform; `prepareImage` has completed for it at some time. */
  readonly image: Digest;
  /** Added over the image's own variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: SandboxLimits;
  /** By name; the driver refuses one it does not have. */
  readonly isolation: string;
  /** In force before the agent runs, for as long as the sandbox lives. */
  readonly egress: EgressPolicy;
  /**
   * Files that outlive the sandbox, writable by the image's user, without devices and set-user-id. It is the only thing of a
   * session in here: a sandbox that has it cannot be started before its session is known.
   */
  readonly storage?: MountedStorage | undefined;
  /** Absolute path of the file that receives stdout and stderr. Its folder exists. */
  readonly logFile: string;
}

/** Where the agent can be reached from this process. The port is the protocol's (8080, 8000 or 9000). */
export interface SandboxAddress {
  readonly host: string;
}

/** A sandbox whose process has been started (not yet known to listen). */
export interface RunningSandbox {
  readonly id: SandboxId;
  readonly owner: SandboxOwner;
  readonly image: Digest;
  readonly isolation: string;
  readonly address: SandboxAddress;
  readonly logFile: string;
  /** Milliseconds since the Unix epoch. */
  readonly startedAtMs: number;
}

/** One that the engine knows, as it is now. */
export interface ListedSandbox extends RunningSandbox {
  /** Frozen by `pause`, by this process or another. */
  readonly isPaused: boolean;
  /** Its process has ended, and `waitForExit` tells how at once. */
  readonly hasExited: boolean;
}

/** What a sandbox takes of the machine. */
export interface SandboxUsage {
  /** Of all its processes, without file cache that can be dropped at once. */
  readonly memoryBytes: number;
  /** Processor time since its start, in milliseconds. */
  readonly cpuMs: number;
}

/** Bytes on the host's disk. */
export interface DiskUsage {
  /** Of the writable layer, which goes with the sandbox. */
  readonly layerBytes: number;
  /** Of the session's storage, which stays. */
  readonly storageBytes: number;
}

/** How the agent's process ended. */
export interface SandboxExit {
  readonly exitCode: number;
  /** The kernel killed a process of the sandbox for memory. */
  readonly outOfMemory: boolean;
  readonly exitedAtMs: number;
}

export interface SweepReport {
  /** What was found without an owner and removed, by kind: `container`, `shim`, `snapshot`, `disk`, `namespace`, `link`, `cgroup`, `mount`, `exec`. */
  readonly repaired: Readonly<Record<string, number>>;
}

export interface EngineReport {
  /** For people, as in `containerd 1.6.20 (private), runc 1.1.5`. */
  readonly description: string;
  readonly isolations: readonly string[];
  /** Each a sentence that says what is wrong and what to do. */
  readonly warnings: readonly string[];
}

/** What an image needs to be told about before a sandbox can use it. */
export interface ImagePreparation {
  /** Layers done and in all. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * What makes sandboxes. All calls act on sandbox ids, never on session ids. A driver keeps nothing in memory that it cannot
 * find again: another process on the same home adopts what this one started.
 *
 * Failures are `BerthError`s: `not-found` for an unknown sandbox or image, `unavailable` when the engine does not answer,
 * `runtime-client-error` when the image cannot be started (entrypoint missing, user unknown): its message is for the caller.
 */
export interface SandboxDriver extends AsyncDisposable {
  readonly name: string;
  /** Undefined when no isolation of this driver can. */
  readonly hibernation: SandboxHibernation | undefined;
  inspectEngine(): Promise<EngineReport>;
  /** Whether sandboxes of this isolation run on the machine's own kernel, with all that it can: emulate other machines. */
  sharesKernel(isolation: string): boolean;

  /** Unpacks the image so that starts need no further work. Idempotent; concurrent calls for one digest share the work. */
  prepareImage(image: Digest, preparation?: ImagePreparation): Promise<void>;
  /**
   * Makes starts possible before the image's layers are here, of which `reference` says where they are; only its manifest and
   * configuration need to be in the blob store. `prepareImage` follows once they are, and new sandboxes then use that. False
   * when the image or the engine cannot do so: then it has to be prepared as a whole first.
   */
  prepareLazily(image: Digest, reference: string): Promise<boolean>;
  /** Lets go of what `prepareLazily` made, once the image is prepared as a whole and no start from before is under way. Idempotent. */
  letGoOfLazy(image: Digest): Promise<void>;
  /** Lets the unpacked image be collected once no sandbox uses it; a start unpacks it again from its content. Idempotent. */
  forgetImage(image: Digest): Promise<void>;
  /** Unpacks it now, if it was forgotten. Idempotent. Rejects with `not-found` when its content is not here either. */
  restoreImage(image: Digest): Promise<void>;
  /** When an unpacked image was last prepared or started from, to the hour; undefined for one that is not unpacked as a whole. */
  lastUseOfImage(image: Digest): Promise<number | undefined>;

  /** Starts one sandbox; when it rejects or is aborted, nothing is left of it. */
  start(spec: SandboxSpec, signal?: AbortSignal): Promise<RunningSandbox>;
  /** Every sandbox of this server that the engine knows, running or exited. */
  list(): Promise<readonly ListedSandbox[]>;
  /** Resolves when the agent's process is over, at once when it already is. Rejects with `not-found`, or the signal's reason. */
  waitForExit(id: SandboxId, signal?: AbortSignal): Promise<SandboxExit>;
  /** SIGTERM, up to `graceMs`, SIGKILL; then nothing of it is left, network slot scrubbed. One that is frozen is thawed for it. Idempotent. */
  remove(id: SandboxId, graceMs: number): Promise<void>;

  /**
   * Runs a program in a sandbox that runs. Rejects with `not-found`, `quota-exceeded` when `execsPerSandbox` run already,
   * `runtime-client-error` when the image has no such program, or the signal's reason; nothing is left of it then. The signal
   * counts until it has started. Programs do not outlive this process: what a killed server left is ended by the next sweep.
   */
  exec(id: SandboxId, spec: ExecSpec, signal?: AbortSignal): Promise<SandboxProcess>;

  /**
   * Freezes every process of a sandbox: it takes no processor time, and answers nothing. Where the machine has swap, its memory
   * is given back behind the call. Idempotent. Rejects with `not-found`.
   */
  pause(id: SandboxId): Promise<void>;
  /** Its processes go on where they were. Idempotent. Rejects with `not-found`. */
  resume(id: SandboxId): Promise<void>;
  /** What each sandbox takes now; none for one that is gone. */
  usage(): Promise<ReadonlyMap<SandboxId, SandboxUsage>>;

  /** What each sandbox takes on the host's disk. */
  diskUsage(): Promise<ReadonlyMap<SandboxId, DiskUsage>>;

  /** Compares what exists with `keep` (read all along: what is added meanwhile counts) and removes every sandbox and every resource that belongs to none of them. */
  sweep(keep: ReadonlySet<SandboxId>): Promise<SweepReport>;

  /** Stops using the engine. Sandboxes go on running. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * What there is of a sandbox: `running`, stopped where it was included; `created`, made to be woken and never run; `parked`, its
 * disk and its record only; `gone`.
 */
export type SandboxPresence = 'running' | 'created' | 'parked' | 'gone';

export interface Waking {
  /** That `load` writes, at most. */
  readonly sizeBytes: number;
  /** Fills an empty folder, held in memory, with the files that `checkpoint` handed out. */
  readonly load: (folder: string) => Promise<void>;
  /** Called when all is ready and nothing of the sandbox has run yet; from then on it runs, and may never be woken from these files again. */
  readonly commit: () => Promise<void>;
}

/**
 * Sandboxes whose memory is written to files and later read back, with their disks as they were. Failures are `unavailable`
 * while they may be tried again, `not-found` for an unknown sandbox.
 */
export interface SandboxHibernation {
  canHibernate(isolation: string): boolean;
  /**
   * Stops every process of a sandbox where it is and hands its memory to `keep`, as files of a folder that is gone afterwards and
   * was never on disk. The sandbox stays stopped. When it rejects, the sandbox goes on.
   */
  checkpoint<Kept>(id: SandboxId, keep: (folder: string) => Promise<Kept>): Promise<Kept>;
  /** A sandbox that `checkpoint` stopped goes on. Idempotent. */
  goOn(id: SandboxId): Promise<void>;
  /** Ends its processes without a word to them; what is on its disk is on the host's. Its network is given back. Idempotent. */
  park(id: SandboxId): Promise<void>;
  /**
   * A parked sandbox runs again, at another address. When it rejects before `commit` was called, or when the signal is aborted
   * before, it is parked as before. Rejects with `throttled` while the machine has too little memory for the sandbox and its files at once.
   */
  wake(id: SandboxId, waking: Waking, signal: AbortSignal): Promise<RunningSandbox>;
  /** What a killed server had made for `wake` and committed to, but perhaps not started. Rejects with `internal` when it cannot be woken any more. */
  finishWaking(id: SandboxId): Promise<RunningSandbox>;
  presence(id: SandboxId): Promise<SandboxPresence>;
}
