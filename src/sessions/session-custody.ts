import { BerthError } from '../shared/errors.ts';
import type { SandboxId } from '../shared/ids.ts';
import type { SessionLease } from './session-lease.ts';
import type { SessionRequest } from './session-request.ts';
import { type Patience, waitAtMost } from './wait-at-most.ts';

/** Sessions of the server that took over from this one. */
export interface SuccessorSessions {
  acquire(request: SessionRequest): Promise<SessionLease>;
  stop(request: Pick<SessionRequest, 'scope' | 'runtimeId' | 'sessionId' | 'signal'>): Promise<void>;
}

/** Why a start is broken off that the next server begins again, or goes on waiting for. Its callers wait on. */
export class LeftToSuccessor extends Error {
  override readonly name = 'LeftToSuccessor';

  constructor() {
    super('The server is handing its sessions over.');
  }
}

/**
 * Whether this server decides over its sessions: it does, or it is about to hand them over or to take them over (then whoever
 * needs a start or a stop waits for how that ends), or another one does and is asked. At no moment do two servers decide.
 */
export class SessionCustody {
  #successor: SuccessorSessions | undefined;
  #pause: PromiseWithResolvers<void> | undefined;
  #onLease: ((id: SandboxId, change: 1 | -1) => void) | undefined;

  get isHeld(): boolean {
    return this.#pause === undefined && this.#successor === undefined;
  }

  get successor(): SuccessorSessions | undefined {
    return this.#successor;
  }

  /** It is about to be handed over, or taken over. */
  pause(): void {
    this.#pause ??= Promise.withResolvers();
  }

  /** This server decides: its handover has failed, or the server before it has left. */
  resume(): void {
    this.#onLease = undefined;
    this.#pause?.resolve();
    this.#pause = undefined;
  }

  give(successor: SuccessorSessions): void {
    this.#successor = successor;
    this.#pause?.resolve();
    this.#pause = undefined;
  }

  /** Resolves when it is known who decides. Rejects with the signal's reason, and with `unavailable` when it takes longer than `ms`. */
  async decided(patience: Pick<Patience, 'clock' | 'ms'> & Partial<Patience>): Promise<void> {
    if (this.#pause === undefined) return;
    await waitAtMost(this.#pause.promise, {
      signal: new AbortController().signal,
      tooLate: undecided,
      ...patience,
    });
  }

  /** Who is told of calls that begin and end in a sandbox from now on. */
  onLease(listener: (id: SandboxId, change: 1 | -1) => void): void {
    this.#onLease = listener;
  }

  noteLease(id: SandboxId, change: 1 | -1): void {
    this.#onLease?.(id, change);
  }
}

function undecided(): BerthError {
  return new BerthError(
    'unavailable',
    'The server is being replaced, or its sandbox engine does not answer: nothing starts or stops meanwhile. Try again later.',
  );
}
