import type { HandoverChannel } from '../shared/handover-channel.ts';
import { type HandoverMessage, type MessageOf, type MessageType, parseMessage } from './handover-messages.ts';

/** Messages of a channel by their type; those that nobody asked for yet are kept. */
export class Conversation {
  readonly closed: AbortSignal;
  readonly #channel: HandoverChannel;
  readonly #listeners = new Map<MessageType, (message: HandoverMessage) => void>();
  readonly #unheard: HandoverMessage[] = [];

  constructor(channel: HandoverChannel) {
    this.#channel = channel;
    this.closed = channel.closed;
    channel.onMessage((value) => {
      const message = parseMessage(value);
      if (message !== undefined) this.#hear(message);
    });
  }

  /** Said to nobody once the other process is gone. */
  send(message: HandoverMessage): void {
    if (!this.closed.aborted) this.#channel.send(message);
  }

  on<Type extends MessageType>(type: Type, listener: (message: MessageOf<Type>) => void): void {
    this.#listeners.set(type, (message) => {
      if (isOf(message, type)) listener(message);
    });
    const kept = this.#unheard.filter((message) => message.type === type);
    for (const message of kept) {
      this.#unheard.splice(this.#unheard.indexOf(message), 1);
      this.#hear(message);
    }
  }

  /** The next message of this type. Rejects with the reason when the other side says `failed`, or is gone. */
  next<Type extends MessageType>(type: Type): Promise<MessageOf<Type>> {
    return new Promise((resolve, reject) => {
      this.on(type, resolve);
      this.on('failed', ({ reason }) => reject(new Error(reason)));
      this.whenClosed(reject);
    });
  }

  whenClosed(listener: (reason: Error) => void): void {
    const { closed } = this;
    const tell = () => listener(closed.reason instanceof Error ? closed.reason : new Error('It is gone.'));
    if (closed.aborted) tell();
    else closed.addEventListener('abort', tell, { once: true });
  }

  #hear(message: HandoverMessage): void {
    const listener = this.#listeners.get(message.type);
    if (listener === undefined) this.#unheard.push(message);
    else listener(message);
  }
}

function isOf<Type extends MessageType>(message: HandoverMessage, type: Type): message is MessageOf<Type> {
  return message.type === type;
}
