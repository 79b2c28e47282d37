import { unlessNotFound } from './engine-error.ts';
import { type GrpcConnection, loadMethods, type Method } from './grpc-connection.ts';
import type { Snapshotter } from './snapshots-api.ts';

/** The record of a container; its process is a task. */
export interface ContainerRecord {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface NewContainer extends ContainerRecord {
  /** OCI runtime spec, a plain object. */
  readonly spec: object;
  readonly runtime: ContainerRuntime;
  /** Kept from the collector, with all that it stands on, while the record exists. */
  readonly snapshotKey: string;
  /** The one that has it. */
  readonly snapshotter: Snapshotter;
}

export interface ContainerRuntime {
  /** A shim's name, as in `io.containerd.runc.v2`, or its absolute path. */
  readonly name: string;
  readonly options?: RuntimeOptions | undefined;
}

/** A message of the shim's own, encoded; as `google.protobuf.Any` has it. */
export interface RuntimeOptions {
  readonly type_url: string;
  readonly value: Uint8Array;
}

export interface ContainersApi {
  /** Rejects with `already-exists`. */
  create(container: NewContainer): Promise<void>;
  find(id: string): Promise<ContainerRecord | undefined>;
  /** With the OCI runtime spec that it was created with. */
  findWithSpec(id: string): Promise<(ContainerRecord & { readonly spec: unknown }) | undefined>;
  /** Other labels and another spec. Rejects with `not-found`. */
  update(container: ContainerRecord & { readonly spec: object }): Promise<void>;
  list(): Promise<readonly ContainerRecord[]>;
  /** Only the record: delete the task first, containerd cannot reach it afterwards. Idempotent. */
  remove(id: string): Promise<void>;
}

export function containersApi(connection: GrpcConnection): ContainersApi {
  const methods = loadMethods<ContainerMethods>(
    'containers.proto',
    'containerd.services.containers.v1.Containers',
  );
  return {
    async create({ id, labels, spec, runtime, snapshotter, snapshotKey }) {
      await connection.call(methods.Create, {
        container: {
          id,
          labels,
          runtime,
          spec: { type_url: specType, value: Buffer.from(JSON.stringify(spec)) },
          snapshotter,
          snapshotKey,
        },
      });
    },
    async find(id) {
      return (await unlessNotFound(connection.callRepeatable(methods.Get, { id })))?.container;
    },
    async findWithSpec(id) {
      const found = (await unlessNotFound(connection.callRepeatable(methods.Get, { id })))?.container;
      if (found === undefined) return undefined;
      const spec: unknown = JSON.parse(Buffer.from(found.spec.value).toString());
      return { id: found.id, labels: found.labels, spec };
    },
    async update({ id, labels, spec }) {
      const encoded = { type_url: specType, value: Buffer.from(JSON.stringify(spec)) };
      await connection.call(methods.Update, {
        container: { id, labels, spec: encoded },
        updateMask: { paths: ['labels', 'spec'] },
      });
    },
    async list() {
      return (await connection.callRepeatable(methods.List, { filters: [] })).containers;
    },
    async remove(id) {
      await unlessNotFound(connection.callRepeatable(methods.Delete, { id }));
    },
  };
}

const specType = 'types.containerd.io/opencontainers/runtime-spec/1/Spec';

interface ContainerMessage extends ContainerRecord {
  readonly runtime: ContainerRuntime;
  readonly spec: { readonly type_url: string; readonly value: Uint8Array };
  readonly snapshotter: string;
  readonly snapshotKey: string;
}

interface ContainerMethods {
  readonly Create: Method<{ readonly container: ContainerMessage }, unknown>;
  readonly Get: Method<
    { readonly id: string },
    { readonly container: ContainerRecord & Pick<ContainerMessage, 'spec'> }
  >;
  readonly List: Method<
    { readonly filters: readonly string[] },
    { readonly containers: readonly ContainerRecord[] }
  >;
  readonly Update: Method<
    {
      readonly container: Pick<ContainerMessage, 'id' | 'labels' | 'spec'>;
      readonly updateMask: { readonly paths: readonly string[] };
    },
    unknown
  >;
  readonly Delete: Method<{ readonly id: string }, unknown>;
}
