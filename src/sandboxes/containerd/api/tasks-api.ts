import { unlessNotFound } from './engine-error.ts';
import { type CallOptions, type GrpcConnection, loadMethods, type Method } from './grpc-connection.ts';
import type { Mount } from './mount.ts';

export interface NewTask {
  readonly containerId: string;
  /** Mounted by the shim before it starts the process, unmounted when the task is deleted. */
  readonly rootfs: readonly Mount[];
  /** URIs; `file://` is written by the shim itself. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface TaskState {
  readonly containerId: string;
  readonly pid: number;
  readonly status: 'UNKNOWN' | 'CREATED' | 'RUNNING' | 'STOPPED' | 'PAUSED' | 'PAUSING';
}

export interface TaskExit {
  /** 128 and the signal's number when a signal ended it. */
  readonly exitCode: number;
  readonly exitedAtMs: number;
}

/** The processes of containers. */
export interface TasksApi {
  create(task: NewTask): Promise<void>;
  start(containerId: string): Promise<void>;
  list(): Promise<readonly TaskState[]>;
  /** False when there is no such task, or its process is over. `all`: every process, not only the first. */
  kill(containerId: string, signal: number, all: boolean): Promise<boolean>;
  /** At once when the process is over. Rejects with `not-found`, `unavailable` when containerd goes away. */
  wait(containerId: string, options: CallOptions): Promise<TaskExit>;
  /** Idempotent. Rejects with `failed-precondition` while the process runs. */
  remove(containerId: string): Promise<void>;
}

export function tasksApi(connection: GrpcConnection): TasksApi {
  const methods = loadMethods<TaskMethods>('tasks.proto', 'containerd.services.tasks.v1.Tasks');
  return {
    async create(task) {
      await connection.call(methods.Create, { ...task, stdin: '' }, { timeoutMs: createTimeoutMs });
    },
    async start(containerId) {
      await connection.call(methods.Start, { containerId }, { timeoutMs: createTimeoutMs });
    },
    async list() {
      return (await connection.callRepeatable(methods.List, { filter: '' })).tasks.map((task) => ({
        ...task,
        // containerd 1.6 names the container only here.
        containerId: task.containerId === '' ? task.id : task.containerId,
      }));
    },
    async kill(containerId, signal, all) {
      return (
        (await unlessNotFound(connection.callRepeatable(methods.Kill, { containerId, signal, all }))) !==
        undefined
      );
    },
    async wait(containerId, options) {
      const { exitStatus, exitedAt } = await connection.call(methods.Wait, { containerId }, options);
      const { seconds, nanos } = exitedAt ?? { seconds: 0, nanos: 0 };
      return { exitCode: exitStatus, exitedAtMs: seconds * 1000 + Math.floor(nanos / 1_000_000) };
    },
    async remove(containerId) {
      await unlessNotFound(connection.callRepeatable(methods.Delete, { containerId }));
    },
  };
}

/** A loaded machine may take long to start a shim. */
const createTimeoutMs = 60_000;

interface Id {
  readonly containerId: string;
}

interface TaskMethods {
  readonly Create: Method<NewTask & { readonly stdin: string }, unknown>;
  readonly Start: Method<Id, unknown>;
  readonly List: Method<
    { readonly filter: string },
    { readonly tasks: readonly (TaskState & { readonly id: string })[] }
  >;
  readonly Kill: Method<Id & { readonly signal: number; readonly all: boolean }, unknown>;
  readonly Wait: Method<
    Id,
    {
      readonly exitStatus: number;
      readonly exitedAt: { readonly seconds: number; readonly nanos: number } | null;
    }
  >;
  readonly Delete: Method<Id, unknown>;
}
