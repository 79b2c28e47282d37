import type { RuntimeVersion } from '../../runtimes/runtime.ts';
import type { RunningSandbox, SandboxDriver } from '../../sandboxes/sandbox-driver.ts';
import type { SandboxLog } from '../../sandboxes/sandbox-log.ts';
import type { Clock } from '../../shared/clock.ts';
import type { AgentProbe } from '../agent-probe.ts';
import { HealthMonitor } from '../health-monitor.ts';
import { waitForEnd } from '../wait-for-end.ts';
import type { RetirementReason } from './pool-events.ts';

export interface PoolMemberParts {
  readonly driver: Pick<SandboxDriver, 'waitForExit' | 'pause' | 'resume'>;
  readonly probe: Pick<AgentProbe, 'check'>;
  readonly clock: Clock;
  readonly pingIntervalMs: number;
  readonly sandbox: RunningSandbox;
  readonly version: RuntimeVersion;
  readonly log: SandboxLog | undefined;
  readonly readyAtMs: number;
  /** When its agent was last seen to be healthy; undefined: by this process never. */
  readonly provenAtMs: number | undefined;
  readonly isFrozen: boolean;
  /** It is not to be used any more. */
  readonly onUseless: (reason: RetirementReason) => void;
}

const proof = { connectTimeoutMs: 500, answerTimeoutMs: 2_000 };

/** A started sandbox without a session, looked after until it is disposed of: its process, its health and its age. */
export class PoolMember implements Disposable {
  readonly sandbox: RunningSandbox;
  readonly log: SandboxLog | undefined;
  readonly readyAtMs: number;
  readonly #parts: PoolMemberParts;
  readonly #over = new AbortController();
  readonly #cancelExpiry: () => void;
  #monitor: HealthMonitor | undefined;
  #provenAtMs: number | undefined;
  #isFrozen: boolean;
  #freezing: Promise<void> | undefined;

  constructor(parts: PoolMemberParts) {
    this.#parts = parts;
    this.sandbox = parts.sandbox;
    this.log = parts.log;
    this.readyAtMs = parts.readyAtMs;
    this.#isFrozen = parts.isFrozen;
    this.#provenAtMs = parts.provenAtMs;
    const leftMs = parts.readyAtMs + parts.version.maxLifetimeS * 1000 - parts.clock.now();
    this.#cancelExpiry = parts.clock.after(Math.max(0, leftMs), () => parts.onUseless('expired'));
    void this.#watchExit();
    if (!this.#isFrozen) this.#watchHealth();
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** Its process runs, and its agent was healthy a moment ago, or when it was frozen. */
  get isProven(): boolean {
    const { clock, pingIntervalMs } = this.#parts;
    if (this.#isFrozen || this.#freezing !== undefined) return true;
    return this.#provenAtMs !== undefined && clock.now() - this.#provenAtMs <= 2 * pingIntervalMs + 1_000;
  }

  /** Not looked at any more; a failure leaves it running. */
  freeze(): Promise<void> {
    this.#freezing ??= this.#parts.driver.pause(this.sandbox.id).then(
      () => {
        this.#isFrozen = true;
        this.#monitor?.[Symbol.dispose]();
      },
      () => (this.#freezing = undefined),
    );
    return this.#freezing;
  }

  /** Runs and answers; a frozen one has to show that first. Rejects when it does not. */
  async wake(): Promise<void> {
    const { driver, probe, sandbox, version } = this.#parts;
    await this.#freezing;
    if (!this.#isFrozen) return;
    await driver.resume(sandbox.id);
    this.#isFrozen = false;
    await probe.check({ address: sandbox.address, protocol: version.protocol }, proof, this.#over.signal);
  }

  /** Resolves when it is not just being frozen: what is removed in that moment would hear of it only after its whole grace. */
  async settled(): Promise<void> {
    await this.#freezing;
  }

  /** Nobody looks after it any more. */
  [Symbol.dispose](): void {
    this.#over.abort();
    this.#monitor?.[Symbol.dispose]();
    this.#cancelExpiry();
  }

  #watchHealth(): void {
    const { probe, clock, pingIntervalMs, sandbox, version, onUseless } = this.#parts;
    this.#monitor = new HealthMonitor({
      probe,
      clock,
      target: { address: sandbox.address, protocol: version.protocol },
      intervalMs: pingIntervalMs,
      calls: () => ({ inFlight: 0, calls: 0 }),
      onHealthy: () => (this.#provenAtMs = clock.now()),
      onUnhealthy: () => {
        // A ping that meets the freeze says nothing.
        if (this.#freezing === undefined) onUseless('unhealthy');
      },
    });
    this.#monitor.start(this.#provenAtMs === undefined ? 0 : pingIntervalMs);
  }

  async #watchExit(): Promise<void> {
    const { driver, clock, sandbox, onUseless } = this.#parts;
    await waitForEnd(driver, clock, sandbox.id, this.#over.signal).catch(() => undefined);
    if (!this.#over.signal.aborted) onUseless('ended');
  }
}
