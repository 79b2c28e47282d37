import type { RuntimeVersion } from '../runtimes/runtime.ts';
import type { RunningSandbox } from '../sandboxes/sandbox-driver.ts';
import type { SandboxLog } from '../sandboxes/sandbox-log.ts';
import type { BerthError } from '../shared/errors.ts';
import type { SandboxId, SessionId } from '../shared/ids.ts';
import type { SessionFreezer } from './freeze/session-freezer.ts';
import type { IdleClock } from './idle-clock.ts';
import type { Session, SessionEndReason, SessionState } from './session.ts';
import { sessionKey } from './session-key.ts';

/** One incarnation of a session as this process knows it, from its start until its sandbox is gone. */
export class LiveSession {
  readonly key: string;
  readonly id: SessionId;
  readonly version: RuntimeVersion;
  /** Another one once a pooled sandbox was claimed for it. */
  sandboxId: SandboxId;
  readonly idle: IdleClock;
  /** As last written; undefined until the claim is on disk. */
  session: Session | undefined;
  /** From when it runs; its agent may not answer yet. */
  sandbox: RunningSandbox | undefined;
  log: SandboxLog | undefined;
  state: SessionState = 'starting';
  endReason: SessionEndReason | undefined;
  /** Aborted when the start is not wanted any more. */
  readonly starting = new AbortController();
  /** Resolves when it is ready, rejects with what its callers are told. */
  started: Promise<void> = Promise.resolve();
  /** Set while its sandbox goes to disk; resolves when it is there, or will not get there. */
  resting: Promise<void> | undefined;
  /** Set once its end has begun; resolves when nothing is left of it. */
  ending: Promise<void> | undefined;
  /** Set when its start failed and the engine could not remove what is left at once; resolves when it is gone. */
  removal: Promise<void> | undefined;
  /** What its calls are told once it is gone; set when its end has begun. */
  endError: BerthError | undefined;
  goneError: BerthError | undefined;
  /** Once it is ready. */
  freezer: SessionFreezer | undefined;
  /** Programs that run beside the agent, shells that nobody is connected to included. */
  programs = 0;
  #inFlight = 0;
  #calls = 0;
  readonly #goneListeners = new Set<(error: BerthError) => void>();

  constructor(parts: {
    readonly id: SessionId;
    readonly version: RuntimeVersion;
    readonly sandboxId: SandboxId;
    readonly idle: IdleClock;
  }) {
    this.id = parts.id;
    this.version = parts.version;
    this.sandboxId = parts.sandboxId;
    this.idle = parts.idle;
    this.key = sessionKey(parts.version.runtimeId, parts.id);
  }

  get isHibernated(): boolean {
    return this.state === 'hibernated';
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get isInUse(): boolean {
    return this.#inFlight > 0 || this.programs > 0;
  }

  /** Calls so far: tells whether one began and ended since one last looked. */
  get calls(): number {
    return this.#calls;
  }

  enter(): void {
    this.#inFlight += 1;
    this.#calls += 1;
  }

  leave(nowMs: number): void {
    this.#inFlight -= 1;
    this.idle.active(nowMs);
  }

  onGone(listener: (error: BerthError) => void): () => void {
    if (this.goneError !== undefined) listener(this.goneError);
    else this.#goneListeners.add(listener);
    return () => this.#goneListeners.delete(listener);
  }

  gone(error: BerthError): void {
    if (this.goneError !== undefined) return;
    this.goneError = error;
    for (const listener of this.#goneListeners) listener(error);
    this.#goneListeners.clear();
  }
}
