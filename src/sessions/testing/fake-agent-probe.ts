import type { SandboxAddress } from '../../sandboxes/sandbox-driver.ts';
import {
  type AgentProbe,
  type PingAnswer,
  ProbeFailure,
  type ProbeLimits,
  type ProbeTarget,
} from '../agent-probe.ts';

type Health = PingAnswer | ProbeFailure | 'hangs';

/** Answers for every agent without any network. */
export class FakeAgentProbe implements AgentProbe {
  /** What agents say that were not told otherwise. */
  usual: Health = { status: 'Healthy', lastUpdatedAtMs: undefined };
  readonly byHost = new Map<string, Health>();
  /** How often each host was asked. */
  readonly asked = new Map<string, number>();
  open: readonly number[] = [];

  async check({ address }: ProbeTarget, _limits: ProbeLimits, signal?: AbortSignal): Promise<PingAnswer> {
    signal?.throwIfAborted();
    this.asked.set(address.host, (this.asked.get(address.host) ?? 0) + 1);
    const health = this.byHost.get(address.host) ?? this.usual;
    if (health === 'hangs') {
      return new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('Aborted.')), { once: true });
      });
    }
    if (health instanceof ProbeFailure) throw health;
    return health;
  }

  async openPorts(_address: SandboxAddress, ports: readonly number[]): Promise<readonly number[]> {
    return ports.filter((port) => this.open.includes(port));
  }
}
