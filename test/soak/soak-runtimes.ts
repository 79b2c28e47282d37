import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import type { BerthFixture, RuntimeChanges } from '../fixture/berth-fixture.ts';

/** Seconds after which a session of `rested` goes to disk. */
const idleLimitS = 3;

/** What the runtimes of a soak are made of: their sessions are kept ready, frozen and taken to disk by themselves. */
const kinds = {
  plain: {},
  rested: {
    lifecycleConfiguration: { idleRuntimeSessionTimeout: idleLimitS, maxLifetime: 28_800 },
    tags: { 'berth:isolation': 'gvisor', 'berth:memory': '256MiB', 'berth:hibernate': '72h' },
  },
  pooled: {
    tags: { 'berth:pool-min': '1', 'berth:pool-frozen': 'on', 'berth:freeze-after': '5s' },
  },
} as const satisfies Readonly<Record<string, RuntimeChanges>>;

/** Sandboxes that `pooled` keeps ready. */
export const pooledSandboxes = 1;

export interface SoakRuntime {
  readonly name: string;
  readonly deployed: DeployedRuntime;
  /** Idle time after which its sessions go to disk; undefined: they never do. */
  readonly sleepsAfterMs: number | undefined;
  /** Its idle sessions are frozen. */
  readonly freezes: boolean;
  /** Makes a new version of it. Rejects with ConflictException while another one is being made. */
  readonly update: (greeting: string) => Promise<void>;
}

export async function deploySoakRuntimes(berth: BerthFixture): Promise<readonly SoakRuntime[]> {
  const runtimes: SoakRuntime[] = [];
  for (const [name, changes] of Object.entries<RuntimeChanges>(kinds)) {
    const deployed = await berth.deploy('hello-node', name, changes);
    const containerUri = berth.imageUri('hello-node:v1');
    const { agentRuntimeName: _, tags: __, ...settings } = berth.settings(name, containerUri, changes);
    runtimes.push({
      name,
      deployed,
      sleepsAfterMs: changes.tags?.['berth:hibernate'] === undefined ? undefined : idleLimitS * 1000,
      freezes: changes.tags?.['berth:freeze-after'] !== undefined,
      update: (GREETING) =>
        berth.agents.update(deployed, { ...settings, environmentVariables: { GREETING } }),
    });
  }
  return runtimes;
}
