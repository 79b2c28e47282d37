import { type ContainersApi, containersApi } from './containers-api.ts';
import { type ContentApi, contentApi } from './content-api.ts';
import { type DiffApi, diffApi } from './diff-api.ts';
import { GrpcConnection } from './grpc-connection.ts';
import { type LeasesApi, leasesApi } from './leases-api.ts';
import { lazySnapshotter, snapshotter, type SnapshotsApi, snapshotsApi } from './snapshots-api.ts';
import { type SystemApi, systemApi } from './system-api.ts';
import { type TasksApi, tasksApi } from './tasks-api.ts';

/** containerd in one namespace. Every call rejects with `EngineError`; a restart of containerd is survived. */
export interface ContainerdApi {
  readonly containers: ContainersApi;
  readonly content: ContentApi;
  readonly diff: DiffApi;
  readonly leases: LeasesApi;
  readonly snapshots: SnapshotsApi;
  /** Of the snapshotter that mounts layers before they are here; each call fails where there is none. */
  readonly lazySnapshots: SnapshotsApi;
  readonly system: SystemApi;
  readonly tasks: TasksApi;
  close(): void;
}

export function connectContainerd(target: {
  readonly socketPath: string;
  readonly namespace: string;
}): ContainerdApi {
  const connection = new GrpcConnection(target);
  return {
    containers: containersApi(connection),
    content: contentApi(connection),
    diff: diffApi(connection),
    leases: leasesApi(connection),
    snapshots: snapshotsApi(connection, snapshotter),
    lazySnapshots: snapshotsApi(connection, lazySnapshotter),
    system: systemApi(connection),
    tasks: tasksApi(connection),
    close: () => connection.close(),
  };
}
