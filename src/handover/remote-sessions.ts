import type { SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import type { SuccessorSessions } from '../sessions/session-custody.ts';
import type { SessionLease } from '../sessions/session-lease.ts';
import type { SessionRequest } from '../sessions/session-request.ts';
import { type Clock, sleep } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';
import type { SandboxId } from '../shared/ids.ts';
import type { Conversation } from './conversation.ts';
import { receivedError, type SentLease } from './handover-messages.ts';

export interface RemoteSessionsParts {
  readonly conversation: Conversation;
  readonly driver: Pick<SandboxDriver, 'exec'>;
  readonly clock: Clock;
}

type Answer = { readonly lease: SentLease | undefined } | BerthError;
type GoneListener = (error: BerthError) => void;

const whyGoneWaitMs = 500;

/** Sessions of the server that took over, for calls that this one still serves: it relays, the other one decides. */
export class RemoteSessions implements SuccessorSessions {
  readonly #parts: RemoteSessionsParts;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #leases = new Map<SandboxId, Set<GoneListener>>();
  #lastCall = 0;

  constructor(parts: RemoteSessionsParts) {
    this.#parts = parts;
    const { conversation } = parts;
    conversation.on('acquired', ({ call, lease }) => this.#waiting.get(call)?.({ lease }));
    conversation.on('stopped', ({ call }) => this.#waiting.get(call)?.({ lease: undefined }));
    conversation.on('refused', ({ call, error }) => this.#waiting.get(call)?.(receivedError(error)));
    conversation.whenClosed(() => {
      for (const answer of this.#waiting.values()) answer(closing());
    });
  }

  async acquire({ signal, ...request }: SessionRequest): Promise<SessionLease> {
    const call = (this.#lastCall += 1);
    this.#parts.conversation.send({ type: 'acquire', call, request });
    const lease = await this.#answer(call, signal);
    if (lease === undefined) throw closing();
    return this.#lease(call, lease);
  }

  async stop({ signal, ...request }: Parameters<SuccessorSessions['stop']>[0]): Promise<void> {
    const call = (this.#lastCall += 1);
    this.#parts.conversation.send({ type: 'stop', call, request });
    await this.#answer(call, signal);
  }

  /** The other server has ended a sandbox. */
  wasEnded(id: SandboxId, error: BerthError): void {
    for (const listener of this.#leases.get(id) ?? []) listener(error);
  }

  async #answer(call: number, signal: AbortSignal): Promise<SentLease | undefined> {
    const { conversation } = this.#parts;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    // At once, not when the waiting code runs: after an answer `abort` would take back a lease that is in use.
    const settle = () => {
      this.#waiting.delete(call);
      signal.removeEventListener('abort', onAbort);
    };
    const onAnswer = (answer: Answer) => {
      settle();
      resolve(answer);
    };
    const onAbort = () => {
      settle();
      conversation.send({ type: 'abort', call });
      reject(signal.reason instanceof Error ? signal.reason : new Error('The caller went away.'));
    };
    this.#waiting.set(call, onAnswer);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else if (conversation.closed.aborted) onAnswer(closing());
    const answer = await promise;
    if (answer instanceof BerthError) throw answer;
    return answer.lease;
  }

  #lease(call: number, sent: SentLease): SessionLease {
    const { conversation, driver, clock } = this.#parts;
    const { sandboxId } = sent;
    const listeners = this.#leases.get(sandboxId) ?? new Set();
    this.#leases.set(sandboxId, listeners);
    const own = new Set<GoneListener>();
    const onGone = (listener: GoneListener) => {
      listeners.add(listener);
      own.add(listener);
      return () => void listeners.delete(listener);
    };
    let isHeld = true;
    return {
      ...sent,
      exec: (spec, signal) => driver.exec(sandboxId, spec, signal),
      onGone,
      whyGone: async () => {
        const { promise, resolve } = Promise.withResolvers<BerthError | undefined>();
        const forget = onGone(resolve);
        void sleep(clock, whyGoneWaitMs).then(() => resolve(undefined));
        return promise.finally(forget);
      },
      activity: () => conversation.send({ type: 'activity', call }),
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        for (const listener of own) listeners.delete(listener);
        if (listeners.size === 0 && this.#leases.get(sandboxId) === listeners) this.#leases.delete(sandboxId);
        conversation.send({ type: 'release', call });
      },
    };
  }
}

function closing(): BerthError {
  return new BerthError('unavailable', 'The server is closing. Try again shortly.');
}
