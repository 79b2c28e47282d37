import { isEngineError, unlessNotFound } from './engine-error.ts';
import { type CallOptions, type GrpcConnection, loadMethods, type Method } from './grpc-connection.ts';
import type { Mount } from './mount.ts';

export interface SnapshotInfo {
  readonly name: string;
  readonly parent: string;
  readonly kind: 'UNKNOWN' | 'VIEW' | 'ACTIVE' | 'COMMITTED';
}

/** File system trees in layers. A snapshot without a lease or a reference is collected. */
export interface SnapshotsApi {
  /** A writable snapshot on `parent` (empty for none). Rejects with `already-exists`. */
  prepare(key: string, parent: string, options?: PrepareOptions): Promise<readonly Mount[]>;
  /** A read-only one. */
  view(key: string, parent: string, options?: CallOptions): Promise<readonly Mount[]>;
  /** Rejects with `already-exists` when another was committed under `name`; `key` is then still there. */
  commit(name: string, key: string, options?: CallOptions): Promise<void>;
  /** Idempotent. Rejects with `failed-precondition` while another snapshot stands on it. */
  remove(key: string): Promise<void>;
  exists(key: string): Promise<boolean>;
  list(): Promise<readonly SnapshotInfo[]>;
}

export interface PrepareOptions extends CallOptions {
  /** Only those that begin with `containerd.io/snapshot` reach a snapshotter. */
  readonly labels?: Readonly<Record<string, string>>;
}

export const snapshotter = 'overlayfs';
/** Mounts layers that are not here yet. */
export const lazySnapshotter = 'stargz';
export type Snapshotter = typeof snapshotter | typeof lazySnapshotter;

export function snapshotsApi(connection: GrpcConnection, snapshotter: Snapshotter): SnapshotsApi {
  const methods = loadMethods<SnapshotMethods>(
    'snapshots.proto',
    'containerd.services.snapshots.v1.Snapshots',
  );
  return {
    async prepare(key, parent, { labels = {}, ...options } = {}) {
      return (await connection.call(methods.Prepare, { snapshotter, key, parent, labels }, options)).mounts;
    },
    async view(key, parent, options) {
      return (await connection.call(methods.View, { snapshotter, key, parent }, options)).mounts;
    },
    async commit(name, key, options) {
      await connection.call(methods.Commit, { snapshotter, name, key }, options);
    },
    async remove(key) {
      await unlessNotFound(connection.callRepeatable(methods.Remove, { snapshotter, key }));
    },
    async exists(key) {
      return (
        (await unlessNotFound(connection.callRepeatable(methods.Stat, { snapshotter, key }))) !== undefined
      );
    },
    async list() {
      const all: SnapshotInfo[] = [];
      try {
        for await (const { info } of connection.stream(methods.List, { snapshotter, filters: [] }))
          all.push(...info);
      } catch (error) {
        // A namespace that never had a snapshot.
        if (!isEngineError(error, 'not-found')) throw error;
      }
      return all;
    },
  };
}

interface Key {
  readonly snapshotter: string;
  readonly key: string;
}

interface SnapshotMethods {
  readonly Prepare: Method<
    Key & { readonly parent: string; readonly labels: Readonly<Record<string, string>> },
    { readonly mounts: readonly Mount[] }
  >;
  readonly View: Method<Key & { readonly parent: string }, { readonly mounts: readonly Mount[] }>;
  readonly Commit: Method<Key & { readonly name: string }, unknown>;
  readonly Remove: Method<Key, unknown>;
  readonly Stat: Method<Key, { readonly info: SnapshotInfo }>;
  readonly List: Method<
    { readonly snapshotter: string; readonly filters: readonly string[] },
    { readonly info: readonly SnapshotInfo[] }
  >;
}
