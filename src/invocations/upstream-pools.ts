import { protocolPorts } from '../runtimes/runtime.ts';
import type { SessionLease } from '../sessions/session-lease.ts';
import type { SandboxId } from '../shared/ids.ts';
import { AgentConnections } from './agent-http/agent-connections.ts';

interface Pool {
  readonly host: string;
  readonly connections: AgentConnections;
}

/** Connections to the agents of all sandboxes; those to a sandbox that is gone, or at another address now, are cut. */
export class UpstreamPools implements Disposable {
  readonly #pools = new Map<SandboxId, Pool>();

  of({ sandboxId, address: { host }, version, onGone }: SessionLease): AgentConnections {
    const known = this.#pools.get(sandboxId);
    if (known?.host === host) return known.connections;
    // Another server hibernated and woke it meanwhile, of which the kernel tells the old connections nothing.
    known?.connections.destroy(new Error('The sandbox has moved.'));
    const pool = { host, connections: new AgentConnections({ host, port: protocolPorts[version.protocol] }) };
    this.#pools.set(sandboxId, pool);
    onGone((error) => {
      if (this.#pools.get(sandboxId) === pool) this.#pools.delete(sandboxId);
      pool.connections.destroy(error);
    });
    return pool.connections;
  }

  [Symbol.dispose](): void {
    for (const { connections } of this.#pools.values())
      connections.destroy(new Error('The server is closing.'));
    this.#pools.clear();
  }
}
