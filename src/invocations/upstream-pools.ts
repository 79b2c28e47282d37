import { protocolPorts } from '../runtimes/runtime.ts';
import type { SessionLease } from '../sessions/session-lease.ts';
import type { SandboxId } from '../shared/ids.ts';
import { AgentConnections } from './agent-http/agent-connections.ts';

/** Connections to the agents of all sandboxes; those to a sandbox that is gone are cut. */
export class UpstreamPools implements Disposable {
  readonly #pools = new Map<SandboxId, AgentConnections>();

  of(lease: SessionLease): AgentConnections {
    const known = this.#pools.get(lease.sandboxId);
    if (known !== undefined) return known;
    const pool = new AgentConnections({
      host: lease.address.host,
      port: protocolPorts[lease.version.protocol],
    });
    this.#pools.set(lease.sandboxId, pool);
    lease.onGone((error) => {
      this.#pools.delete(lease.sandboxId);
      pool.destroy(error);
    });
    return pool;
  }

  [Symbol.dispose](): void {
    for (const pool of this.#pools.values()) pool.destroy(new Error('The server is closing.'));
    this.#pools.clear();
  }
}
