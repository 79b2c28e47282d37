import type { SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import type { SandboxLogArchive } from '../sandboxes/sandbox-log-archive.ts';
import type { Clock } from '../shared/clock.ts';
import type { RandomSource } from '../shared/ids.ts';
import type { AgentProbe } from './agent-probe.ts';
import type { CheckpointVault } from './checkpoint-vault.ts';
import type { SessionFreezerParts } from './freeze/session-freezer.ts';
import type { ObtainSandboxParts } from './obtain-sandbox.ts';
import type { SandboxStarter } from './sandbox-starter.ts';
import type { SessionEvents } from './session-events.ts';
import type { SessionStore } from './session-store.ts';

/** What sessions are started, watched, frozen, hibernated and ended with. */
export interface SessionLifecycleParts extends ObtainSandboxParts {
  readonly store: SessionStore;
  readonly starter: Pick<SandboxStarter, 'start' | 'resume' | 'wake'>;
  readonly driver: Pick<
    SandboxDriver,
    'list' | 'remove' | 'waitForExit' | 'pause' | 'resume' | 'hibernation'
  >;
  readonly vault: CheckpointVault;
  readonly probe: AgentProbe;
  readonly logs: Pick<SandboxLogArchive, 'begin' | 'end'>;
  readonly events: SessionEvents;
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Names this server, the same after a restart. */
  readonly holder: string;
  readonly ownershipMs: number;
  readonly pingIntervalMs: number;
  readonly stopGraceMs: number;
  readonly isStrict: boolean;
  readonly optionsOf: SessionFreezerParts['optionsOf'];
}
