import type { RuntimeId, SessionId } from '../shared/ids.ts';

/** The same id on two runtimes is two sessions. A runtime's id holds no space. */
export function sessionKey(runtimeId: RuntimeId, sessionId: SessionId): string {
  return `${runtimeId} ${sessionId}`;
}
