import { Pool } from 'undici';
import { protocolPorts } from '../runtimes/runtime.ts';
import type { SessionLease } from '../sessions/session-lease.ts';
import type { SandboxId } from '../shared/ids.ts';

/** How connections to agents are kept, and how long an agent may be silent (contract 5.1). */
export const upstreamOptions = {
  pipelining: 1,
  headersTimeout: 15 * 60_000,
  /** Between two chunks. */
  bodyTimeout: 60 * 60_000,
  // Shorter than what agents' servers keep (2 s and more): a request must never meet a connection that is being closed.
  keepAliveTimeout: 1_000,
  keepAliveMaxTimeout: 1_000,
  maxHeaderSize: 64 * 1024,
  connect: { timeout: 10_000 },
} as const;

/** Connections to agents, kept while they are in use and a second longer; those to a sandbox that is gone are cut. */
export class UpstreamPools implements AsyncDisposable {
  readonly #pools = new Map<SandboxId, Pool>();

  of(lease: SessionLease): Pool {
    const known = this.#pools.get(lease.sandboxId);
    if (known !== undefined) return known;
    const origin = `http://${lease.address.host}:${protocolPorts[lease.version.protocol]}`;
    const pool = new Pool(origin, upstreamOptions);
    this.#pools.set(lease.sandboxId, pool);
    lease.onGone((error) => {
      this.#pools.delete(lease.sandboxId);
      void pool.destroy(error);
    });
    return pool;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
    this.#pools.clear();
  }
}
