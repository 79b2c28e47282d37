import type { InvocationTargets } from '../runtimes/runtime.ts';
import type { ListedSandbox, SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import type { Clock } from '../shared/clock.ts';
import type { SandboxId } from '../shared/ids.ts';
import { sessionKey } from './session-key.ts';
import type { SessionEvents } from './session-events.ts';
import type { SessionLifecycle } from './session-lifecycle.ts';
import type { SessionStore } from './session-store.ts';
import { asleepStates, type Session, type SessionEndReason, type SessionState } from './session.ts';

export interface RecoveryParts {
  readonly store: Pick<SessionStore, 'listOwned' | 'update'>;
  readonly driver: Pick<SandboxDriver, 'list'>;
  readonly targets: Pick<InvocationTargets, 'findVersion'>;
  readonly lifecycle: Pick<SessionLifecycle, 'adopt' | 'adoptAsleep' | 'letGo' | 'live' | 'sleep'>;
  readonly events: Pick<SessionEvents, 'sessionEnded'>;
  readonly clock: Clock;
  readonly holder: string;
  /** The machine was restarted since, and took all sandboxes with it. */
  readonly hasRebooted?: boolean | undefined;
}

/**
 * Brings sessions and sandboxes together again after this process, or the machine, went away without notice. What expired
 * meanwhile ends at its first health check, which comes at once. Sandboxes without a session are the sweep's.
 */
export async function recoverSessions(parts: RecoveryParts): Promise<void> {
  const { store, driver, lifecycle, clock, holder } = parts;
  const sandboxes = new Map((await driver.list()).map((sandbox) => [sandbox.id, sandbox]));
  const sessions = await store.listOwned(holder, clock.now());
  letGoOfChanged(sessions, lifecycle);
  const unknown = sessions.filter(({ runtimeId, id }) => !lifecycle.live.has(sessionKey(runtimeId, id)));
  // All of them, whatever fails: tried again, none may still be under way.
  const outcomes = await Promise.allSettled(unknown.map((session) => recover(session, sandboxes, parts)));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

async function recover(
  session: Session,
  sandboxes: ReadonlyMap<SandboxId, ListedSandbox>,
  parts: RecoveryParts,
): Promise<void> {
  const { targets, lifecycle } = parts;
  const sandbox = session.sandboxId && sandboxes.get(session.sandboxId);
  const version = await targets.findVersion(session.runtimeId, session.version);
  // What runs of it, if anything, is not simply taken over.
  const isAsleep = asleepStates.has(session.state);
  if (isAsleep && version !== undefined) {
    if (!(await lifecycle.adoptAsleep(session, version)))
      await giveUp(session, reasonWithout(session, parts), parts);
  } else if (sandbox !== undefined && version !== undefined) await lifecycle.adopt(session, sandbox, version);
  else
    await giveUp(session, version === undefined ? 'runtime-deleted' : reasonWithout(session, parts), parts);
}

/** After a handover that failed: what the other server has ended meanwhile, or taken to disk or back, is as it is written. */
function letGoOfChanged(
  written: readonly Session[],
  { live, sleep, letGo }: RecoveryParts['lifecycle'],
): void {
  const byKey = new Map(written.map((session) => [sessionKey(session.runtimeId, session.id), session]));
  const isAsleep = (key: string) => byKey.get(key)?.state === 'hibernated';
  sleep.keepOnly(new Set([...byKey.keys()].filter(isAsleep)));
  for (const known of live.values()) {
    const session = byKey.get(known.key);
    const isStill = session?.sandboxId === known.sandboxId && stillLive.has(session.state);
    if (known.state === 'ready' && !isStill) letGo(known);
    // It may have been called there.
    else if (isStill) known.idle.active(session.lastActivityAtMs);
  }
}

const stillLive: ReadonlySet<SessionState> = new Set(['starting', 'ready']);

function reasonWithout(
  session: Session,
  { hasRebooted = false }: Pick<RecoveryParts, 'hasRebooted'>,
): SessionEndReason {
  if (session.state === 'stopping') return session.endReason ?? 'stopped';
  if (hasRebooted) return 'reboot';
  return session.state === 'starting' ? 'failed-to-start' : 'lost';
}

async function giveUp(
  session: Session,
  reason: SessionEndReason,
  { store, events, clock }: RecoveryParts,
): Promise<void> {
  const ended: Session = {
    ...session,
    state: 'ended',
    endedAtMs: clock.now(),
    endReason: reason,
    hibernation: undefined,
  };
  await store.update(ended);
  events.sessionEnded({ session: ended, reason, exit: undefined, logLines: [] });
}
