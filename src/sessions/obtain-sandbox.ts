import type { LiveSession } from './live-session.ts';
import { operationInProgress } from './session-conflict.ts';
import type { SandboxId } from '../shared/ids.ts';
import type { Steps } from '../shared/steps.ts';
import type { SandboxStarter } from './sandbox-starter.ts';
import type { NewIncarnation, SessionOwnership, SessionStore } from './session-store.ts';
import type { SessionStorages } from './session-storages.ts';
import type { WarmPool } from './warm-pool/warm-pool.ts';

type Claim = Omit<NewIncarnation, 'sandboxId'>;

export interface ObtainSandboxParts {
  readonly store: Pick<SessionStore, 'claim'>;
  readonly storages: Pick<SessionStorages, 'claim'>;
  readonly starter: Pick<SandboxStarter, 'start'>;
  /** Sandboxes that are ready ahead of time; undefined: there are none, ever. */
  readonly pool: Pick<WarmPool, 'claim' | 'trim'> | undefined;
  /** Those of sessions are in it from before their start until they are gone, so that a sweep that asks it sees no stranger. */
  readonly sandboxIds: Set<SandboxId>;
  /** For tests that kill the server at each of them. */
  readonly steps?: Steps | undefined;
}

/** Writes down that the session is this server's, and gives it a sandbox: one that is ready, or a new one. */
export async function obtainSandbox(
  live: LiveSession,
  claim: Claim,
  ownership: SessionOwnership,
  parts: ObtainSandboxParts,
): Promise<void> {
  if (!(await claimPooled(live, claim, ownership, parts))) await startCold(live, claim, ownership, parts);
}

async function claimPooled(
  live: LiveSession,
  claim: Claim,
  ownership: SessionOwnership,
  { pool, sandboxIds }: ObtainSandboxParts,
): Promise<boolean> {
  const claimed = await pool?.claim(claim, ownership);
  if (claimed === undefined) return false;
  sandboxIds.delete(live.sandboxId);
  live.sandboxId = claimed.sandbox.id;
  live.session = claimed.session;
  live.sandbox = claimed.sandbox;
  live.log = claimed.log;
  return true;
}

async function startCold(
  live: LiveSession,
  claim: Claim,
  ownership: SessionOwnership,
  { pool, store, storages, starter, steps }: ObtainSandboxParts,
): Promise<void> {
  const { sandboxId, version } = live;
  pool?.trim();
  live.session = await store.claim({ ...claim, sandboxId }, ownership, claim.startedAtMs);
  if (live.session === undefined) throw operationInProgress();
  steps?.reached('start:claimed');
  live.sandbox = await starter.start({
    sandboxId,
    scope: claim.scope,
    version,
    storage: await storages.claim(claim.scope, version, claim.id),
    signal: live.starting.signal,
    onLog: (log) => (live.log = log),
    // What an agent calls while it starts, it calls as its session.
    onSandbox: (sandbox) => (live.sandbox = sandbox),
  });
}
