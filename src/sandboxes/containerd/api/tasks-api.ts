import { constants } from 'node:os';
import { unlessNotFound } from './engine-error.ts';
import { type CallOptions, type GrpcConnection, loadMethods, type Method } from './grpc-connection.ts';
import type { RuntimeOptions } from './containers-api.ts';
import type { Mount } from './mount.ts';

export interface NewTask {
  readonly containerId: string;
  /** Mounted by the shim before it starts the process, unmounted when the task is deleted. */
  readonly rootfs: readonly Mount[];
  /** URIs; `file://` is written by the shim itself. */
  readonly stdout: string;
  readonly stderr: string;
  /** For the shim, in place of the container's own. */
  readonly options?: RuntimeOptions | undefined;
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

/** A further process of a container, beside its first. */
export interface NewProcess {
  readonly containerId: string;
  readonly execId: string;
  /** An OCI process, a plain object. */
  readonly process: object;
  readonly terminal: boolean;
  /** Paths of FIFOs. */
  readonly stdin: string;
  readonly stdout: string;
  /** Empty with a terminal. */
  readonly stderr: string;
}

export interface ProcessId {
  readonly containerId: string;
  readonly execId: string;
}

/** The processes of containers. */
export interface TasksApi extends ProcessesApi {
  create(task: NewTask): Promise<void>;
  start(containerId: string): Promise<void>;
  list(): Promise<readonly TaskState[]>;
  /** Of the container's first process; undefined when there is no task. */
  status(containerId: string): Promise<TaskState['status'] | undefined>;
  /** Freezes every process. Rejects with `not-found`, or when it is not running. */
  pause(containerId: string): Promise<void>;
  /** Rejects with `not-found`, or when it is not frozen. */
  resume(containerId: string): Promise<void>;
  /** False when there is no such task, or its process is over. `all`: every process, not only the first. */
  kill(containerId: string, signal: number, all: boolean): Promise<boolean>;
  /** At once when the process is over; the first one's, unless `execId` names another. Rejects with `not-found`, `unavailable` when containerd goes away. */
  wait(containerId: string, options: CallOptions, execId?: string): Promise<TaskExit>;
  /** Idempotent. Rejects with `failed-precondition` while the process runs. */
  remove(containerId: string): Promise<void>;
}

/** Those that are not a container's first. */
export interface ProcessesApi {
  /** Makes it; nothing runs yet. */
  exec(process: NewProcess): Promise<void>;
  /** The host's number of the process. */
  startProcess(id: ProcessId): Promise<number>;
  /** The host's number of the process; undefined when there is none, or it is over. */
  findProcess(id: ProcessId): Promise<number | undefined>;
  /** Does nothing when it is over. */
  signalProcess(id: ProcessId, signal: NodeJS.Signals): Promise<void>;
  /** Does nothing when it is over. */
  resizeTerminal(id: ProcessId, size: { readonly width: number; readonly height: number }): Promise<void>;
  /** The shim holds a process's standard input open until it is told that no more comes. Does nothing when it is over. */
  closeStdin(id: ProcessId): Promise<void>;
  /** Idempotent. Rejects with `failed-precondition` while the process runs. */
  removeProcess(id: ProcessId): Promise<void>;
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
    async status(containerId) {
      const found = await unlessNotFound(connection.callRepeatable(methods.Get, { containerId, execId: '' }));
      return found?.process?.status;
    },
    async pause(containerId) {
      await connection.call(methods.Pause, { containerId });
    },
    async resume(containerId) {
      await connection.call(methods.Resume, { containerId });
    },
    async kill(containerId, signal, all) {
      return (
        (await unlessNotFound(connection.callRepeatable(methods.Kill, { containerId, signal, all }))) !==
        undefined
      );
    },
    async wait(containerId, options, execId = '') {
      const { exitStatus, exitedAt } = await connection.call(methods.Wait, { containerId, execId }, options);
      const { seconds, nanos } = exitedAt ?? { seconds: 0, nanos: 0 };
      return { exitCode: exitStatus, exitedAtMs: seconds * 1000 + Math.floor(nanos / 1_000_000) };
    },
    async remove(containerId) {
      await unlessNotFound(connection.callRepeatable(methods.Delete, { containerId }));
    },
    async exec({ process, ...request }) {
      const spec = { type_url: processType, value: Buffer.from(JSON.stringify(process)) };
      await connection.call(methods.Exec, { ...request, spec }, { timeoutMs: createTimeoutMs });
    },
    async startProcess(id) {
      return (await connection.call(methods.Start, id, { timeoutMs: createTimeoutMs })).pid;
    },
    async findProcess(id) {
      const found = await unlessNotFound(connection.callRepeatable(methods.Get, id));
      return found?.process?.status === 'RUNNING' ? found.process.pid : undefined;
    },
    async signalProcess(id, signal) {
      await unlessNotFound(
        connection.callRepeatable(methods.Kill, { ...id, signal: constants.signals[signal], all: false }),
      );
    },
    async resizeTerminal(id, size) {
      await unlessNotFound(connection.call(methods.ResizePty, { ...id, ...size }));
    },
    async closeStdin(id) {
      await unlessNotFound(connection.callRepeatable(methods.CloseIO, { ...id, stdin: true }));
    },
    async removeProcess(id) {
      await unlessNotFound(connection.callRepeatable(methods.DeleteProcess, id));
    },
  };
}

const processType = 'types.containerd.io/opencontainers/runtime-spec/1/Process';

/** A loaded machine may take long to start a shim. */
const createTimeoutMs = 60_000;

interface Id {
  readonly containerId: string;
}

interface TaskMethods {
  readonly Create: Method<NewTask & { readonly stdin: string }, unknown>;
  readonly Start: Method<Id | ProcessId, { readonly pid: number }>;
  readonly Exec: Method<
    Omit<NewProcess, 'process'> & {
      readonly spec: { readonly type_url: string; readonly value: Uint8Array };
    },
    unknown
  >;
  readonly Get: Method<ProcessId, { readonly process: Pick<TaskState, 'pid' | 'status'> | null }>;
  readonly ResizePty: Method<ProcessId & { readonly width: number; readonly height: number }, unknown>;
  readonly CloseIO: Method<ProcessId & { readonly stdin: boolean }, unknown>;
  readonly DeleteProcess: Method<ProcessId, unknown>;
  readonly List: Method<
    { readonly filter: string },
    { readonly tasks: readonly (TaskState & { readonly id: string })[] }
  >;
  readonly Kill: Method<(Id | ProcessId) & { readonly signal: number; readonly all: boolean }, unknown>;
  readonly Wait: Method<
    ProcessId,
    {
      readonly exitStatus: number;
      readonly exitedAt: { readonly seconds: number; readonly nanos: number } | null;
    }
  >;
  readonly Pause: Method<Id, unknown>;
  readonly Resume: Method<Id, unknown>;
  readonly Delete: Method<Id, unknown>;
}
