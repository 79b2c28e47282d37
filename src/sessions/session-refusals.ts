import { BerthError } from '../shared/errors.ts';
import type { RuntimeId, SessionId } from '../shared/ids.ts';

export function notLive(sessionId: SessionId): BerthError {
  return new BerthError('not-found', `The session ${sessionId} is not live. Begin a new one.`);
}

export function unknownSession(runtimeId: RuntimeId, sessionId: SessionId): BerthError {
  return new BerthError('not-found', `Agent runtime ${runtimeId} has no session ${sessionId}.`);
}
