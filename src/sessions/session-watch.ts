import type { RunningSandbox, SandboxDriver, SandboxExit } from '../sandboxes/sandbox-driver.ts';
import type { Clock } from '../shared/clock.ts';
import type { AgentProbe } from './agent-probe.ts';
import type { SessionFreezer } from './freeze/session-freezer.ts';
import { HealthMonitor } from './health-monitor.ts';
import type { LiveSession } from './live-session.ts';
import { Reaper } from './reaper.ts';
import type { SessionEndReason } from './session.ts';
import { waitForEnd } from './wait-for-end.ts';

export interface SessionWatchParts {
  readonly driver: Pick<SandboxDriver, 'waitForExit'>;
  readonly probe: AgentProbe;
  readonly clock: Clock;
  readonly pingIntervalMs: number;
  readonly live: LiveSession;
  readonly sandbox: RunningSandbox;
  readonly startedAtMs: number;
  readonly firstPingMs: number;
  readonly freezer: SessionFreezer;
  readonly onBusy: () => void;
  readonly end: (reason: SessionEndReason, exit?: SandboxExit) => void;
}

/** Looks after a ready session until it is disposed of: its health, its limits, and its process. */
export class SessionWatch implements Disposable {
  readonly #reaper: Reaper;
  readonly #monitor: HealthMonitor;
  readonly #over = new AbortController();

  constructor(parts: SessionWatchParts) {
    const { live, sandbox, freezer, clock, onBusy, end } = parts;
    this.#reaper = new Reaper({ live, startedAtMs: parts.startedAtMs, clock, onBusy, end });
    this.#monitor = new HealthMonitor({
      probe: freezer.over(parts.probe),
      clock,
      target: { address: sandbox.address, protocol: live.version.protocol },
      intervalMs: parts.pingIntervalMs,
      calls: () => ({ inFlight: live.inFlight, calls: live.calls }),
      onHealthy: (answer) => {
        this.#reaper.heard(answer);
        if (!this.#over.signal.aborted) void freezer.heard(answer);
      },
      onUnhealthy: () => end('unhealthy'),
    });
    this.#monitor.start(parts.firstPingMs);
    void this.#watchExit(parts);
  }

  /** From now on only its process is watched. */
  rest(): void {
    this.#monitor[Symbol.dispose]();
    this.#reaper[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#over.abort();
    this.rest();
  }

  async #watchExit({ driver, clock, sandbox, end }: SessionWatchParts): Promise<void> {
    const exit = await waitForEnd(driver, clock, sandbox.id, this.#over.signal).catch(() => undefined);
    if (this.#over.signal.aborted) return;
    if (exit === undefined) end('lost');
    else end(exit.outOfMemory ? 'out-of-memory' : 'crashed', exit);
  }
}
