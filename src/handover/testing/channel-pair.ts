import type { HandoverChannel } from '../../shared/handover-channel.ts';

export interface ChannelPair {
  readonly ofPredecessor: HandoverChannel;
  readonly ofSuccessor: HandoverChannel;
  /** The process on the other side of each is gone. */
  cut(reason: string): void;
}

/** Two ends of a channel in one process; what is sent is copied, as between processes, and arrives a moment later. */
export function channelPair(): ChannelPair {
  const closed = new AbortController();
  const listeners: Record<'predecessor' | 'successor', ((message: unknown) => void)[]> = {
    predecessor: [],
    successor: [],
  };
  const end = (own: keyof typeof listeners, other: keyof typeof listeners): HandoverChannel => ({
    closed: closed.signal,
    send(message) {
      const copy: unknown = structuredClone(message);
      queueMicrotask(() => {
        for (const listener of listeners[other]) listener(copy);
      });
    },
    onMessage: (listener) => void listeners[own].push(listener),
    end: async () => closed.abort(new Error('It was ended.')),
  });
  return {
    ofPredecessor: end('predecessor', 'successor'),
    ofSuccessor: end('successor', 'predecessor'),
    cut: (reason) => closed.abort(new Error(reason)),
  };
}
