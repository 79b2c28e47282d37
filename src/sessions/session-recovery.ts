import type { InvocationTargets } from '../runtimes/runtime.ts';
import type { RunningSandbox, SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import type { Clock } from '../shared/clock.ts';
import type { SandboxId } from '../shared/ids.ts';
import type { SessionEvents } from './session-events.ts';
import type { SessionLifecycle } from './session-lifecycle.ts';
import type { SessionStore } from './session-store.ts';
import type { Session, SessionEndReason } from './session.ts';

export interface RecoveryParts {
  readonly store: Pick<SessionStore, 'listOwned' | 'update'>;
  readonly driver: Pick<SandboxDriver, 'list'>;
  readonly targets: Pick<InvocationTargets, 'findVersion'>;
  readonly lifecycle: Pick<SessionLifecycle, 'adopt'>;
  readonly events: Pick<SessionEvents, 'sessionEnded'>;
  readonly clock: Clock;
  readonly holder: string;
}

/**
 * Brings sessions and sandboxes together again after this process, or the machine, went away without notice. What expired
 * meanwhile ends at its first health check, which comes at once. Sandboxes without a session are the sweep's.
 */
export async function recoverSessions(parts: RecoveryParts): Promise<void> {
  const { store, driver, clock, holder } = parts;
  const sandboxes = new Map((await driver.list()).map((sandbox) => [sandbox.id, sandbox]));
  const sessions = await store.listOwned(holder, clock.now());
  await Promise.all(sessions.map((session) => recover(session, sandboxes, parts)));
}

async function recover(
  session: Session,
  sandboxes: ReadonlyMap<SandboxId, RunningSandbox>,
  parts: RecoveryParts,
): Promise<void> {
  const { targets, lifecycle } = parts;
  const sandbox = session.sandboxId && sandboxes.get(session.sandboxId);
  const version = await targets.findVersion(session.runtimeId, session.version);
  if (sandbox !== undefined && version !== undefined) await lifecycle.adopt(session, sandbox, version);
  else await giveUp(session, version === undefined ? 'runtime-deleted' : reasonWithout(session), parts);
}

function reasonWithout(session: Session): SessionEndReason {
  if (session.state === 'stopping') return session.endReason ?? 'stopped';
  return session.state === 'starting' ? 'failed-to-start' : 'lost';
}

async function giveUp(
  session: Session,
  reason: SessionEndReason,
  { store, events, clock }: RecoveryParts,
): Promise<void> {
  const ended: Session = { ...session, state: 'ended', endedAtMs: clock.now(), endReason: reason };
  await store.update(ended);
  events.sessionEnded({ session: ended, reason, exit: undefined, logLines: [] });
}
