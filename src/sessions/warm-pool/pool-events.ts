import type { RuntimeId, SandboxId } from '../../shared/ids.ts';

/** Why a pooled sandbox went without ever having had a session. */
export type RetirementReason =
  /** Its version, or what its sandboxes are made by, is not the one that is served any more. */
  | 'outdated'
  | 'too-many'
  | 'expired'
  | 'ended'
  | 'unhealthy'
  /** The machine needed what it took. */
  | 'given-up';

interface PoolFields {
  readonly runtimeId: RuntimeId;
  readonly version: number;
}

/** What pools tell the logs and counters. */
export interface PoolEvents {
  pooledReady(start: PoolFields & { sandboxId: SandboxId; durationMs: number }): void;
  pooledRetired(retirement: PoolFields & { sandboxId: SandboxId; reason: RetirementReason }): void;
  /** A session began; `isHit`: with a pooled sandbox. Only of versions that have a pool. */
  poolAsked(claim: PoolFields & { isHit: boolean }): void;
  /** It is tried again by itself. */
  refillFailed(
    failure: PoolFields & { reason: string; retryInMs: number; logLines: readonly string[] },
  ): void;
  poolWorkDelayed(work: { what: string; error: unknown }): void;
}
