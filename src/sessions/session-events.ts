import type { RunningSandbox, SandboxExit } from '../sandboxes/sandbox-driver.ts';
import type { Session, SessionEndReason } from './session.ts';

/** What sessions tell the logs and counters. */
export interface SessionEvents {
  sessionReady(start: { session: Session; sandbox: RunningSandbox; durationMs: number }): void;
  /** `reason` is what the callers were told; `logLines` are the agent's last ones, for the operator only. */
  startFailed(start: { session: Session; reason: string; logLines: readonly string[] }): void;
  sessionEnded(end: {
    session: Session;
    reason: SessionEndReason;
    exit: SandboxExit | undefined;
    /** The agent's last ones, when it ended by itself. */
    logLines: readonly string[];
  }): void;
  /** Its sandbox is on disk, in so many bytes. */
  sessionHibernated(end: { session: Session; sizeBytes: number; durationMs: number }): void;
  /** It goes on running, and is then ended. */
  hibernationFailed(failure: { session: Session; error: unknown }): void;
  sessionWoken(start: { session: Session; sandbox: RunningSandbox; durationMs: number }): void;
  /** After a restart, a sandbox that had gone on running belongs to its session again. */
  sessionAdopted(session: Session): void;
  sessionFrozen(freeze: { session: Session; durationMs: number }): void;
  sessionThawed(thaw: { session: Session; durationMs: number }): void;
  /** What a sweep removed because it belonged to nothing, by kind. */
  sweepRepaired(repaired: Readonly<Record<string, number>>): void;
  /** What could not be done now and is tried again by itself. */
  sessionWorkDelayed(work: { what: string; session: Session | undefined; error: unknown }): void;
}
