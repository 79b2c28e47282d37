import { randomUUID } from 'node:crypto';
import { isEngineError, unlessNotFound } from './engine-error.ts';
import { type GrpcConnection, loadMethods, type Method } from './grpc-connection.ts';

/** Leases keep content and snapshots from the collector while nothing refers to them yet. */
export interface LeasesApi {
  /** Ends by itself at `expiresAtMs` (milliseconds since the Unix epoch). An existing lease is left as it is. */
  create(id: string, expiresAtMs: number): Promise<void>;
  /** Idempotent. */
  remove(id: string): Promise<void>;
  /** Runs the collector and waits until what nothing keeps is gone. */
  collect(): Promise<void>;
  list(): Promise<readonly string[]>;
  /** The content need not be there yet. */
  addContent(id: string, digest: string): Promise<void>;
}

export function leasesApi(connection: GrpcConnection): LeasesApi {
  const methods = loadMethods<LeaseMethods>('leases.proto', 'containerd.services.leases.v1.Leases');
  async function create(id: string, expiresAtMs: number): Promise<void> {
    const labels = { 'containerd.io/gc.expire': new Date(expiresAtMs).toISOString() };
    try {
      await connection.callRepeatable(methods.Create, { id, labels });
    } catch (error) {
      if (!isEngineError(error, 'already-exists')) throw error;
    }
  }

  return {
    create,
    async remove(id) {
      await unlessNotFound(connection.callRepeatable(methods.Delete, { id, sync: false }));
    },
    async collect() {
      // There is no call for it, but the end of a lease can be waited for, with all that follows from it.
      const id = `collect-${randomUUID()}`;
      await create(id, Date.now() + 60_000);
      await unlessNotFound(
        connection.callRepeatable(methods.Delete, { id, sync: true }, { timeoutMs: collectTimeoutMs }),
      );
    },
    async list() {
      const { leases } = await connection.callRepeatable(methods.List, { filters: [] });
      return leases.map(({ id }) => id);
    },
    async addContent(id, digest) {
      await connection.callRepeatable(methods.AddResource, { id, resource: { id: digest, type: 'content' } });
    },
  };
}

/** Large snapshots take long to delete. */
const collectTimeoutMs = 10 * 60_000;

interface LeaseMethods {
  readonly Create: Method<
    { readonly id: string; readonly labels: Readonly<Record<string, string>> },
    unknown
  >;
  readonly Delete: Method<{ readonly id: string; readonly sync: boolean }, unknown>;
  readonly List: Method<
    { readonly filters: readonly string[] },
    { readonly leases: readonly { readonly id: string }[] }
  >;
  readonly AddResource: Method<
    { readonly id: string; readonly resource: { readonly id: string; readonly type: string } },
    unknown
  >;
}
