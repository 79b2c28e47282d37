import type { RunningSandbox, SandboxDriver, SandboxExit } from '../sandboxes/sandbox-driver.ts';
import { type Clock, sleep } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';
import type { SandboxId } from '../shared/ids.ts';
import type { AgentProbe } from './agent-probe.ts';
import { HealthMonitor } from './health-monitor.ts';
import type { LiveSession } from './live-session.ts';
import { Reaper } from './reaper.ts';
import type { SessionEndReason } from './session.ts';

export interface SessionWatchParts {
  readonly driver: Pick<SandboxDriver, 'waitForExit'>;
  readonly probe: AgentProbe;
  readonly clock: Clock;
  readonly pingIntervalMs: number;
  readonly live: LiveSession;
  readonly sandbox: RunningSandbox;
  readonly startedAtMs: number;
  readonly firstPingMs: number;
  readonly onBusy: () => void;
  readonly end: (reason: SessionEndReason, exit?: SandboxExit) => void;
}

/** Looks after a ready session until it is disposed of: its health, its limits, and its process. */
export class SessionWatch implements Disposable {
  readonly #reaper: Reaper;
  readonly #monitor: HealthMonitor;
  readonly #over = new AbortController();

  constructor(parts: SessionWatchParts) {
    const { live, sandbox, probe, clock, onBusy, end } = parts;
    this.#reaper = new Reaper({ live, startedAtMs: parts.startedAtMs, clock, onBusy, end });
    this.#monitor = new HealthMonitor({
      probe,
      clock,
      target: { address: sandbox.address, protocol: live.version.protocol },
      intervalMs: parts.pingIntervalMs,
      calls: () => ({ inFlight: live.inFlight, calls: live.calls }),
      onHealthy: (answer) => this.#reaper.heard(answer),
      onUnhealthy: () => end('unhealthy'),
    });
    this.#monitor.start(parts.firstPingMs);
    void this.#watchExit(parts);
  }

  [Symbol.dispose](): void {
    this.#over.abort();
    this.#monitor[Symbol.dispose]();
    this.#reaper[Symbol.dispose]();
  }

  async #watchExit({ driver, clock, sandbox, end }: SessionWatchParts): Promise<void> {
    const exit = await waitForEnd(driver, clock, sandbox.id, this.#over.signal).catch(() => undefined);
    if (this.#over.signal.aborted) return;
    if (exit === undefined) end('lost');
    else end(exit.outOfMemory ? 'out-of-memory' : 'crashed', exit);
  }
}

const lossesToBelieve = 3;

/**
 * The exit of a sandbox's process, or undefined when the engine does not know the sandbox any more. An engine that does not
 * answer, or that is just being restarted, has not lost anything: it is asked again.
 */
async function waitForEnd(
  driver: Pick<SandboxDriver, 'waitForExit'>,
  clock: Clock,
  id: SandboxId,
  signal: AbortSignal,
): Promise<SandboxExit | undefined> {
  for (let losses = 0; losses < lossesToBelieve;) {
    try {
      return await driver.waitForExit(id, signal);
    } catch (error) {
      signal.throwIfAborted();
      losses = error instanceof BerthError && error.code === 'not-found' ? losses + 1 : 0;
    }
    await sleep(clock, 1_000, signal);
  }
  return undefined;
}
