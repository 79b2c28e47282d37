import type { RuntimeId } from '../shared/ids.ts';
import type { Conversation } from './conversation.ts';

/** What one server writes about a runtime the other one must not answer from its memory. */
export interface RuntimeChanges {
  /** Until the returned function is called. */
  readonly onChange: (listener: (runtimeId: RuntimeId) => void) => () => void;
  /** Does not call `onChange`'s listeners. */
  readonly noteChange: (runtimeId: RuntimeId) => void;
  /** Any runtime may have changed. */
  readonly noteAll: () => void;
}

/**
 * Tells the other server, while it is there, of every change, and hears of its own, those included that it has told already. One that
 * ends at once, as in a crash, may have written what it did not tell any more.
 */
export function shareChanges(
  conversation: Conversation,
  { onChange, noteChange, noteAll }: RuntimeChanges,
): void {
  conversation.on('changed', ({ runtimeId }) => noteChange(runtimeId));
  const forget = onChange((runtimeId) => conversation.send({ type: 'changed', runtimeId }));
  conversation.whenClosed(() => {
    forget();
    noteAll();
  });
}
