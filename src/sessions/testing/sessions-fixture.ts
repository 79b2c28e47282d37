import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { FakeSandboxDriver, type FakeImage } from '../../../test/fakes/fake-sandbox-driver.ts';
import { FakeStorageVolumes } from '../../../test/fakes/fake-storage-volumes.ts';
import type { SandboxLog } from '../../sandboxes/sandbox-log.ts';
import { roomyGate } from '../../sandboxes/testing/roomy-gate.ts';
import type { Clock } from '../../shared/clock.ts';
import { systemRandom, type AccountId, type RuntimeId, type SessionId } from '../../shared/ids.ts';
import type { AgentProbe } from '../agent-probe.ts';
import type { PoolEvents } from '../warm-pool/pool-events.ts';
import type { SessionEvents } from '../session-events.ts';
import type { SessionLease } from '../session-lease.ts';
import { SessionRegistry, type SessionRegistryParts } from '../session-registry.ts';
import type { SessionRequest } from '../session-request.ts';
import { FakeAgentProbe } from './fake-agent-probe.ts';
import { FakeInvocationTargets } from './fake-invocation-targets.ts';
import { SessionStorages } from '../session-storages.ts';
import { FakeCheckpointVault } from './fake-checkpoint-vault.ts';
import { MemorySessionStorageStore } from './memory-session-storage-store.ts';
import { MemoryPoolStore } from './memory-pool-store.ts';
import { MemorySessionStore } from './memory-session-store.ts';

export const scope = { accountId: '111122223333' as AccountId, region: 'us-east-1' };
export const echo = 'echo-AbCdEf1234' as RuntimeId;

export const storageKeepMs = 14 * 24 * 3_600_000;

/** A session id of legal length that begins with `name`. */
export function sessionNamed(name: string): SessionId {
  return name.padEnd(33, '-') as SessionId;
}

export interface FixtureOptions<Time extends Clock> {
  readonly clock: Time;
  readonly probe: AgentProbe;
  readonly image?: FakeImage;
  readonly startsInFlight?: number;
  readonly changes?: Partial<SessionRegistryParts>;
}

/** Everything around a registry, in memory, and registries one after the other as if servers were restarted. */
export class SessionsFixture<Time extends Clock> implements AsyncDisposable {
  readonly clock: Time;
  readonly targets = new FakeInvocationTargets({ scope });
  readonly store = new MemorySessionStore();
  readonly storageStore = new MemorySessionStorageStore();
  readonly volumes = new FakeStorageVolumes();
  readonly vault = new FakeCheckpointVault();
  readonly driver: FakeSandboxDriver;
  readonly pooled = new MemoryPoolStore({ sessions: this.store });
  readonly events: [name: keyof (SessionEvents & PoolEvents), event: unknown][] = [];
  registry: SessionRegistry;
  readonly #options: FixtureOptions<Time>;
  #kill = () => {};

  constructor(options: FixtureOptions<Time>) {
    this.#options = options;
    this.clock = options.clock;
    this.driver = new FakeSandboxDriver({
      clock: options.clock,
      ...(options.image && { image: options.image }),
    });
    this.targets.addVersion(echo, 1);
    this.registry = this.#newRegistry();
  }

  acquire(session: string, changes: Partial<SessionRequest> = {}): Promise<SessionLease> {
    const { signal } = new AbortController();
    return this.registry.acquire({
      scope,
      runtimeId: echo,
      qualifier: 'DEFAULT',
      sessionId: sessionNamed(session),
      signal,
      ...changes,
    });
  }

  /** One call that takes no time. */
  async call(session: string, changes: Partial<SessionRequest> = {}): Promise<SessionLease> {
    const lease = await this.acquire(session, changes);
    lease.release();
    return lease;
  }

  stop(session: string): Promise<void> {
    return this.registry.stop({
      scope,
      runtimeId: echo,
      sessionId: sessionNamed(session),
      signal: new AbortController().signal,
    });
  }

  find(session: string) {
    return this.registry.find(scope, echo, sessionNamed(session));
  }

  eventsNamed(name: keyof (SessionEvents & PoolEvents)): unknown[] {
    return this.events.filter(([known]) => known === name).map(([, event]) => event);
  }

  /** The old registry is not told, as after `kill -9`; its timers never run again. */
  async restart(): Promise<void> {
    this.#kill();
    this.registry = this.#newRegistry();
    await this.registry.recover();
    await this.registry.takeCharge();
  }

  /** Of a server that takes over from the one of `registry`, which goes on. */
  newRegistry(): SessionRegistry {
    return this.#newRegistry();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.registry[Symbol.asyncDispose]();
    await this.driver[Symbol.asyncDispose]();
  }

  #newRegistry(): SessionRegistry {
    const { targets, store, driver, events } = this;
    const { clock, kill } = mortalClock(this.clock);
    this.#kill = kill;
    const note = (name: keyof (SessionEvents & PoolEvents)) => (event: unknown) =>
      void events.push([name, event]);
    return new SessionRegistry({
      vault: this.vault,
      storages: new SessionStorages({
        store: this.storageStore,
        volumes: this.volumes,
        clock,
        sizeBytes: 2 ** 30,
        keepMs: storageKeepMs,
      }),
      clock,
      targets,
      store,
      driver,
      probe: this.#options.probe,
      gate: roomyGate({ clock, startsInFlight: this.#options.startsInFlight ?? 100 }),
      logs: { begin: async (_runtimeId, sandboxId) => new FakeLog(`/logs/${sandboxId}.log`), end: () => {} },
      environmentOf: (_scope, version) => version.environment,
      optionsOf: (runtimeId) => targets.findOptions(runtimeId),
      networkOf: ({ subnets }) => ({ kind: 'network', rules: [], nameservers: subnets }),
      limits: { memoryBytes: 2 ** 30, cpus: 1, pids: 100, diskBytes: 2 ** 30 },
      isolation: 'runc',
      startTimeoutMs: 120_000,
      stopGraceMs: 15_000,
      pingIntervalMs: 5_000,
      isStrict: false,
      random: systemRandom,
      holder: 'server-a',
      ownershipMs: 60_000,
      activeSessions: 1_000,
      takeNewSession: () => {},
      waitLimitMs: 60_000,
      warmPool: { store: this.pooled, plans: targets, maxSandboxes: 50 },
      events: {
        sessionReady: note('sessionReady'),
        startFailed: note('startFailed'),
        sessionEnded: note('sessionEnded'),
        sessionHibernated: note('sessionHibernated'),
        hibernationFailed: note('hibernationFailed'),
        sessionWoken: note('sessionWoken'),
        sessionAdopted: note('sessionAdopted'),
        sessionFrozen: note('sessionFrozen'),
        sessionThawed: note('sessionThawed'),
        pooledReady: note('pooledReady'),
        pooledRetired: note('pooledRetired'),
        poolAsked: note('poolAsked'),
        refillFailed: note('refillFailed'),
        poolWorkDelayed: note('poolWorkDelayed'),
        sweepRepaired: note('sweepRepaired'),
        sessionWorkDelayed: note('sessionWorkDelayed'),
      },
      ...this.#options.changes,
    });
  }
}

function mortalClock(clock: Clock): { readonly clock: Clock; readonly kill: () => void } {
  let isAlive = true;
  return {
    clock: { now: () => clock.now(), after: (ms, run) => clock.after(ms, () => isAlive && run()) },
    kill: () => (isAlive = false),
  };
}

/** A fixture in which time stands still and agents are asked without a network. */
export function timelessFixture(
  options: Omit<FixtureOptions<FakeClock>, 'clock' | 'probe'> = {},
): SessionsFixture<FakeClock> & { readonly probe: FakeAgentProbe } {
  const probe = new FakeAgentProbe();
  const fixture = new SessionsFixture({ clock: new FakeClock(), probe, ...options });
  return Object.assign(fixture, { probe });
}

/** Every log ends with the same line. */
export class FakeLog implements SandboxLog {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  async bounds() {
    return { start: 0, end: 10, droppedBytes: 0 };
  }

  async read() {
    return { bytes: Buffer.from('last line\n'), next: 10 };
  }

  async rotate() {
    return false;
  }

  end(): void {}

  isEnded() {
    return false;
  }
}
