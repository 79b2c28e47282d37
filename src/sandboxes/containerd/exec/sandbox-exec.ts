import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../../../shared/clock.ts';
import { signalTree } from '../../process-tree.ts';
import type { SandboxProcess, TerminalSize } from '../../sandbox-process.ts';
import type { ProcessId } from '../api/tasks-api.ts';
import { cgroupPath, type DriverParts } from '../driver-parts.ts';
import { taskExit } from '../task-exit.ts';
import type { ExecStreams } from './exec-streams.ts';

export interface SandboxExecParts {
  readonly driver: Pick<DriverParts, 'engine' | 'cgroups' | 'clock'>;
  readonly id: ProcessId;
  /** The host's number of the program's process. */
  readonly pid: number;
  readonly streams: ExecStreams;
  readonly hasTerminal: boolean;
  readonly onDisposed: () => void;
}

/** A program that has been started. */
export class SandboxExec implements SandboxProcess {
  readonly exit: Promise<number>;
  readonly #parts: SandboxExecParts;
  readonly #waiting = new AbortController();
  #isOver = false;
  #disposal: Promise<void> | undefined;

  constructor(parts: SandboxExecParts) {
    this.#parts = parts;
    this.exit = this.#awaitExit();
    parts.streams.stdin.once('close', () => void this.#closeStdin());
  }

  get stdin(): Writable {
    return this.#parts.streams.stdin;
  }

  get stdout(): Readable {
    return this.#parts.streams.stdout;
  }

  get stderr(): Readable {
    return this.#parts.streams.stderr;
  }

  async resize({ columns, rows }: TerminalSize): Promise<void> {
    const { driver, id, hasTerminal } = this.#parts;
    if (!hasTerminal || this.#isOver) return;
    await driver.engine.api.tasks.resizeTerminal(id, { width: columns, height: rows });
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const { driver, id, pid } = this.#parts;
    if (this.#isOver) return;
    await signalTree(processesOf(driver, id), pid, signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #awaitExit(): Promise<number> {
    const { driver, id, streams } = this.#parts;
    const { engine, clock } = driver;
    const exit = await taskExit(
      { tasks: engine.api.tasks, clock },
      id.containerId,
      this.#waiting.signal,
      id.execId,
    ).catch(() => undefined);
    this.#isOver = true;
    void streams.end(clock);
    // Without one its sandbox is gone, and it with that.
    return exit?.exitCode ?? killedCode;
  }

  async #closeStdin(): Promise<void> {
    const { driver, id } = this.#parts;
    // What fails here fails the wait for its exit as well.
    if (!this.#isOver) await driver.engine.api.tasks.closeStdin(id).catch(() => {});
  }

  async #dispose(): Promise<void> {
    const { driver, id, streams, onDisposed } = this.#parts;
    try {
      await this.kill('SIGKILL');
      // The kernel may be slow to end it; whoever waits for its exit is told by then that it was killed.
      const cancel = driver.clock.after(endLimitMs, () => this.#waiting.abort());
      await this.exit.finally(cancel);
      await driver.engine.api.tasks.removeProcess(id).catch(() => {});
    } finally {
      await streams.remove();
      onDisposed();
    }
  }
}

const killedCode = 137;
const endLimitMs = 10_000;

/** Ends one that another process of this server started, or had half started. */
export async function endForeignExec(driver: SandboxExecParts['driver'], id: ProcessId): Promise<void> {
  const { tasks } = driver.engine.api;
  const root = await tasks.findProcess(id);
  if (root !== undefined) {
    await signalTree(processesOf(driver, id), root, 'SIGKILL');
    await taskExit({ tasks, clock: driver.clock }, id.containerId, limit(driver.clock), id.execId);
  }
  await tasks.removeProcess(id);
}

function processesOf({ engine, cgroups, clock }: SandboxExecParts['driver'], { containerId }: ProcessId) {
  const path = cgroupPath({ engine }, containerId);
  return { clock, processes: () => cgroups.processes(path) };
}

function limit(clock: Clock): AbortSignal {
  const controller = new AbortController();
  clock.after(endLimitMs, () => controller.abort(new Error('A program in a sandbox does not end.')));
  return controller.signal;
}
