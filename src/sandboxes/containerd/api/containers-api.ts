import { unlessNotFound } from './engine-error.ts';
import { type GrpcConnection, loadMethods, type Method } from './grpc-connection.ts';
import { snapshotter } from './snapshots-api.ts';

/** The record of a container; its process is a task. */
export interface ContainerRecord {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface NewContainer extends ContainerRecord {
  /** OCI runtime spec, a plain object. */
  readonly spec: object;
  /** A shim's name, as in `io.containerd.runc.v2`. */
  readonly runtime: string;
  /** Kept from the collector, with all that it stands on, while the record exists. */
  readonly snapshotKey: string;
}

export interface ContainersApi {
  /** Rejects with `already-exists`. */
  create(container: NewContainer): Promise<void>;
  find(id: string): Promise<ContainerRecord | undefined>;
  /** The OCI runtime spec that it was created with. */
  findSpec(id: string): Promise<unknown>;
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
    async create({ id, labels, spec, runtime, snapshotKey }) {
      await connection.call(methods.Create, {
        container: {
          id,
          labels,
          runtime: { name: runtime },
          spec: { type_url: specType, value: Buffer.from(JSON.stringify(spec)) },
          snapshotter,
          snapshotKey,
        },
      });
    },
    async find(id) {
      return (await unlessNotFound(connection.callRepeatable(methods.Get, { id })))?.container;
    },
    async findSpec(id) {
      const found = await unlessNotFound(connection.callRepeatable(methods.Get, { id }));
      return found && (JSON.parse(Buffer.from(found.container.spec.value).toString()) as unknown);
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
  readonly runtime: { readonly name: string };
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
  readonly Delete: Method<{ readonly id: string }, unknown>;
}
