import type { RuntimeVersion } from '../runtimes/runtime.ts';
import type { SandboxAddress } from '../sandboxes/sandbox-driver.ts';
import type { ExecSpec, SandboxProcess } from '../sandboxes/sandbox-process.ts';
import type { BerthError } from '../shared/errors.ts';
import type { SandboxId } from '../shared/ids.ts';
import type { Session } from './session.ts';

/** The right to use a session's sandbox. While one is held the session is not idle. */
export interface SessionLease {
  readonly session: Session;
  /** The one the session began on, whatever its endpoint says now. */
  readonly version: RuntimeVersion;
  readonly sandboxId: SandboxId;
  readonly address: SandboxAddress;
  /** There was no sandbox before this lease was asked for. */
  readonly hasStartedSandbox: boolean;
  /** Runs a program beside the agent; see `SandboxDriver`. Whoever asks disposes it. */
  exec(spec: ExecSpec, signal?: AbortSignal): Promise<SandboxProcess>;
  /** Calls back once when the sandbox is gone, with what to tell the caller; returns how to take that back. */
  onGone(listener: (error: BerthError) => void): () => void;
  /** Why the sandbox is gone, or will be, its end having begun; waits a moment for that to become known, then `undefined`. */
  whyGone(): Promise<BerthError | undefined>;
  /** Something happened in a call that may be open for hours. */
  activity(): void;
  /** The call is over. Idempotent. */
  release(): void;
}
