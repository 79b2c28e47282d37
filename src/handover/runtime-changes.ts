import type { RuntimeId } from '../shared/ids.ts';
import type { Conversation } from './conversation.ts';

/** What one server writes about a runtime the other one must not answer from its memory. */
export interface RuntimeChanges {
  /** Until the returned function is called. */
  readonly onChange: (listener: (runtimeId: RuntimeId) => void) => () => void;
  /** Does not call `onChange`'s listeners. */
  readonly noteChange: (runtimeId: RuntimeId) => void;
}

/** Tells the other server, while it is there, of every change, and hears of its own, those included that it has told already. */
export function shareChanges(conversation: Conversation, { onChange, noteChange }: RuntimeChanges): void {
  conversation.on('changed', ({ runtimeId }) => noteChange(runtimeId));
  const forget = onChange((runtimeId) => conversation.send({ type: 'changed', runtimeId }));
  conversation.whenClosed(forget);
}
