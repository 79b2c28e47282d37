import type { SessionLease } from '../sessions/session-lease.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import type { SandboxId } from '../shared/ids.ts';
import type { Conversation } from './conversation.ts';
import { type MessageOf, sentError } from './handover-messages.ts';

export interface ForeignCallsParts {
  readonly conversation: Conversation;
  readonly sessions: Pick<SessionRegistry, 'acquire' | 'stop' | 'hold'>;
}

type Hold = Pick<SessionLease, 'release'>;

/** Calls that the server before this one still relays: their sessions are not idle, and what they need of sessions is decided here. */
export class ForeignCalls {
  readonly #parts: ForeignCallsParts;
  readonly #holds = new Map<SandboxId, { count: number; readonly hold: Hold | undefined }>();
  readonly #leases = new Map<number, SessionLease>();
  readonly #aborts = new Map<number, AbortController>();
  #isOver = false;

  /** To be made when the sessions that were taken over are known. */
  constructor(parts: ForeignCallsParts) {
    this.#parts = parts;
    const { conversation } = parts;
    conversation.on('lease', ({ sandboxId, change }) => this.#count(sandboxId, change));
    conversation.on('acquire', (message) => void this.#acquire(message));
    conversation.on('stop', (message) => void this.#stop(message));
    conversation.on('abort', ({ call }) => {
      this.#aborts.get(call)?.abort(new Error('The caller went away.'));
      // Said before `acquired` had arrived there: nobody has the lease.
      this.#release(call);
    });
    conversation.on('activity', ({ call }) => this.#leases.get(call)?.activity());
    conversation.on('release', ({ call }) => this.#release(call));
    conversation.whenClosed(() => this.#end());
  }

  #count(id: SandboxId, change: 1 | -1): void {
    const known = this.#holds.get(id) ?? { count: 0, hold: this.#hold(id) };
    known.count += change;
    if (known.count > 0) this.#holds.set(id, known);
    else {
      this.#holds.delete(id);
      known.hold?.release();
    }
  }

  #hold(id: SandboxId): Hold | undefined {
    const hold = this.#parts.sessions.hold(id);
    hold?.onGone((error) =>
      this.#parts.conversation.send({ type: 'gone', sandboxId: id, error: sentError(error) }),
    );
    return hold;
  }

  async #acquire({ call, request }: MessageOf<'acquire'>): Promise<void> {
    const { conversation, sessions } = this.#parts;
    const caller = new AbortController();
    this.#aborts.set(call, caller);
    try {
      const lease = await sessions.acquire({ ...request, signal: caller.signal });
      if (this.#isOver || caller.signal.aborted) {
        lease.release();
        return;
      }
      const { session, version, sandboxId, address, hasStartedSandbox } = lease;
      this.#leases.set(call, lease);
      lease.onGone((error) => conversation.send({ type: 'gone', sandboxId, error: sentError(error) }));
      conversation.send({
        type: 'acquired',
        call,
        lease: { session, version, sandboxId, address, hasStartedSandbox },
      });
    } catch (error) {
      conversation.send({ type: 'refused', call, error: sentError(error) });
    } finally {
      this.#aborts.delete(call);
    }
  }

  #release(call: number): void {
    this.#leases.get(call)?.release();
    this.#leases.delete(call);
  }

  async #stop({ call, request }: MessageOf<'stop'>): Promise<void> {
    const { conversation, sessions } = this.#parts;
    const caller = new AbortController();
    this.#aborts.set(call, caller);
    try {
      await sessions.stop({ ...request, signal: caller.signal });
      conversation.send({ type: 'stopped', call });
    } catch (error) {
      conversation.send({ type: 'refused', call, error: sentError(error) });
    } finally {
      this.#aborts.delete(call);
    }
  }

  #end(): void {
    this.#isOver = true;
    for (const { hold } of this.#holds.values()) hold?.release();
    for (const lease of this.#leases.values()) lease.release();
    for (const caller of this.#aborts.values())
      caller.abort(new Error('The server before this one is gone.'));
    this.#holds.clear();
    this.#leases.clear();
  }
}
