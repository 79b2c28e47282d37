import type { SandboxId } from '../shared/ids.ts';
import type { Digest } from '../images/digest.ts';
import type { ExecSpec, SandboxProcess } from './sandbox-process.ts';

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
 * started before anyone claims it (design.md 4).
 */
export interface SandboxSpec {
  readonly id: SandboxId;
  readonly owner: SandboxOwner;
  /** Digest of the image manifest for this machine's platform; `prepareImage` has completed for it. */
  readonly image: Digest;
  /** Added over the image's own variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: SandboxLimits;
  /** By name; the driver refuses one it does not have. */
  readonly isolation: string;
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
  inspectEngine(): Promise<EngineReport>;

  /** Unpacks the image so that starts need no further work. Idempotent; concurrent calls for one digest share the work. */
  prepareImage(image: Digest, preparation?: ImagePreparation): Promise<void>;
  /** Lets the unpacked image be collected once no sandbox uses it. Idempotent. */
  forgetImage(image: Digest): Promise<void>;

  /** Starts one sandbox; when it rejects or is aborted, nothing is left of it. */
  start(spec: SandboxSpec, signal?: AbortSignal): Promise<RunningSandbox>;
  /** Every sandbox of this server that the engine knows, running or exited. */
  list(): Promise<readonly RunningSandbox[]>;
  /** Resolves when the agent's process is over, at once when it already is. Rejects with `not-found`, or the signal's reason. */
  waitForExit(id: SandboxId, signal?: AbortSignal): Promise<SandboxExit>;
  /** SIGTERM, up to `graceMs`, SIGKILL; then nothing of it is left, network slot scrubbed. Idempotent. */
  remove(id: SandboxId, graceMs: number): Promise<void>;

  /**
   * Runs a program in a sandbox that runs. Rejects with `not-found`, `quota-exceeded` when `execsPerSandbox` run already,
   * `runtime-client-error` when the image has no such program, or the signal's reason; nothing is left of it then. The signal
   * counts until it has started. Programs do not outlive this process: what a killed server left is ended by the next sweep.
   */
  exec(id: SandboxId, spec: ExecSpec, signal?: AbortSignal): Promise<SandboxProcess>;

  /** Bytes that the writable layer of each sandbox takes on the host. */
  diskUsage(): Promise<ReadonlyMap<SandboxId, number>>;

  /** Compares what exists with `keep` and removes every sandbox and every resource that belongs to none of them. */
  sweep(keep: ReadonlySet<SandboxId>): Promise<SweepReport>;

  /** Stops using the engine. Sandboxes go on running. */
  [Symbol.asyncDispose](): Promise<void>;
}
