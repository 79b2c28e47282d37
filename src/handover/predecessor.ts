import type { HandoverChannel } from '../shared/handover-channel.ts';
import { Conversation } from './conversation.ts';
import { ForeignCalls, type ForeignCallsParts } from './foreign-calls.ts';
import { handoverProtocol } from './handover-messages.ts';
import { type RuntimeChanges, shareChanges } from './runtime-changes.ts';

/** The server that runs when this one starts, and that this one takes over from. */
export class Predecessor {
  readonly #conversation: Conversation;
  /** Resolves when the other process is gone. */
  readonly gone: Promise<void>;

  constructor(channel: HandoverChannel) {
    const conversation = new Conversation(channel);
    this.#conversation = conversation;
    this.gone = new Promise((resolve) => conversation.whenClosed(() => resolve()));
  }

  /**
   * Says that nothing keeps this server from starting, and waits until the state directory is its own. With `migrates` the
   * other one ends first.
   */
  async takeOver({ migrates }: { readonly migrates: boolean }): Promise<void> {
    const conversation = this.#conversation;
    const yours = conversation.next('yours').then(
      () => {},
      // It has ended before, as it does when the two cannot serve at the same time.
      () => {},
    );
    conversation.send({ type: 'prepared', protocol: handoverProtocol, migrates });
    await yours;
  }

  /** Whether the other process is still there. */
  get isThere(): boolean {
    return !this.#conversation.closed.aborted;
  }

  /** From now on each hears what the other changes. To be called before anything is read that is kept in memory. */
  share(changes: RuntimeChanges): void {
    shareChanges(this.#conversation, changes);
  }

  /**
   * This server serves: calls that the other one still relays count here from now on. Resolves when this server is to decide:
   * the other one has said that it does not any more, or is gone.
   */
  async serve(sessions: ForeignCallsParts['sessions']): Promise<void> {
    const conversation = this.#conversation;
    const given = conversation.next('given').then(
      () => {},
      () => {},
    );
    void new ForeignCalls({ conversation, sessions });
    conversation.send({ type: 'serving' });
    await given;
  }
}
