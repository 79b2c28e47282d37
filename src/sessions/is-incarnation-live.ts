import type { RuntimeId, Scope, SessionId } from '../shared/ids.ts';
import type { SessionRegistry } from './session-registry.ts';

/**
 * Whether just that start of a session has not ended; a hibernated one has not. Asks what is written, which every server of a
 * handover sees.
 */
export async function isIncarnationLive(
  sessions: Pick<SessionRegistry, 'find'>,
  scope: Scope,
  {
    runtimeId,
    sessionId,
    incarnation,
  }: { readonly runtimeId: RuntimeId; readonly sessionId: SessionId; readonly incarnation: number },
): Promise<boolean> {
  const session = await sessions.find(scope, runtimeId, sessionId);
  return session !== undefined && session.incarnation === incarnation && session.state !== 'ended';
}
