import type { SessionLifecycle } from './session-lifecycle.ts';
import type { SessionKeyParts } from './session-storage-store.ts';

/** Sessions that have not ended, and whose versions have storage. */
export function sessionsWithStorage({
  live,
  sleep,
}: Pick<SessionLifecycle, 'live' | 'sleep'>): readonly SessionKeyParts[] {
  const awake = [...live.values()].map(({ id, version }) => ({ id, version }));
  const asleep = [...sleep.asleep.values()].map(({ session, version }) => ({
    id: session.id,
    version,
  }));
  return [...awake, ...asleep]
    .filter(({ version }) => version.sessionStoragePath !== undefined)
    .map(({ id, version }) => ({ runtimeId: version.runtimeId, sessionId: id }));
}
