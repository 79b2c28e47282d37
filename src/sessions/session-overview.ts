import type { RuntimeId, SandboxId, SessionId } from '../shared/ids.ts';
import type { LiveSession } from './live-session.ts';
import type { SessionState } from './session.ts';

/** `busy`: a call is running, or a program beside the agent. */
export type SessionActivity = Exclude<SessionState, 'ended'> | 'busy' | 'frozen';

/** A live session as an operator sees it at this moment. */
export interface SessionOverview {
  readonly runtimeId: RuntimeId;
  readonly id: SessionId;
  readonly version: number;
  readonly sandboxId: SandboxId;
  readonly state: SessionActivity;
  /** In flight. */
  readonly calls: number;
  /** Undefined until its start is written down. */
  readonly startedAtMs: number | undefined;
  readonly lastActivityAtMs: number;
}

export function overviewOf(live: LiveSession): SessionOverview {
  return {
    runtimeId: live.version.runtimeId,
    id: live.id,
    version: live.version.version,
    sandboxId: live.sandboxId,
    state: activityOf(live),
    calls: live.inFlight,
    startedAtMs: live.session?.startedAtMs,
    lastActivityAtMs: live.idle.activeAtMs,
  };
}

function activityOf({ state, freezer, isInUse }: LiveSession): SessionActivity {
  if (state === 'ended') return 'stopping';
  if (state !== 'ready') return state;
  if (freezer?.isFrozen === true) return 'frozen';
  return isInUse ? 'busy' : 'ready';
}
