import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../../../shared/clock.ts';
import { messageOf } from '../../../shared/errors.ts';
import type { SandboxProcess, TerminalSize } from '../../sandbox-process.ts';
import type { ProcessId, TasksApi } from '../api/tasks-api.ts';
import type { DriverParts } from '../driver-parts.ts';
import { taskExit } from '../task-exit.ts';
import type { ExecStreams } from './exec-streams.ts';
import type { ProcessTree, ProcessTrees } from './process-tree-port.ts';

/** What a program needs of its driver. */
export interface ExecDriver extends Pick<DriverParts, 'clock'> {
  readonly engine: {
    readonly api: {
      readonly tasks: Pick<TasksApi, 'wait' | 'closeStdin' | 'removeProcess' | 'resizeTerminal'>;
    };
  };
  readonly log: Pick<DriverParts['log'], 'warn'>;
}

export interface SandboxExecParts {
  readonly driver: ExecDriver;
  readonly id: ProcessId;
  readonly tree: ProcessTree;
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
    await this.#signal(signal);
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

  /** False when its engine took no signal. Many callers have nobody to tell. */
  async #signal(signal: NodeJS.Signals): Promise<boolean> {
    const { tree, driver, id } = this.#parts;
    if (this.#isOver) return true;
    try {
      await tree.signal(signal);
      return true;
    } catch (error) {
      driver.log.warn(
        { sandbox: id.containerId, signal, error: messageOf(error) },
        'a program in a sandbox could not be signalled',
      );
      return false;
    }
  }

  async #dispose(): Promise<void> {
    const { driver, id, streams, onDisposed } = this.#parts;
    let isSignalled = false;
    try {
      isSignalled = await this.#signal('SIGKILL');
      // The kernel may be slow to end it; whoever waits for its exit is told by then that it was killed.
      const cancel = driver.clock.after(endLimitMs, () => this.#waiting.abort());
      await this.exit.finally(cancel);
      // Its shim takes up to 10 s for it while something that the program left behind holds its output open; nobody has to wait for that.
      void driver.engine.api.tasks.removeProcess(id).catch(() => {});
    } finally {
      // By its folder the next sweep finds what could not be killed.
      if (isSignalled) await streams.remove().catch(() => {});
      else streams.close();
      onDisposed();
    }
  }
}

const killedCode = 137;
const endLimitMs = 10_000;

/** Ends one that another process of this server started, or had half started. */
export async function endForeignExec(
  driver: ExecDriver,
  id: ProcessId,
  trees: ProcessTrees,
  dir: string,
): Promise<void> {
  const { tasks } = driver.engine.api;
  const tree = await trees.find(id, dir);
  if (tree !== undefined) {
    await tree.signal('SIGKILL');
    await taskExit({ tasks, clock: driver.clock }, id.containerId, limit(driver.clock), id.execId);
  }
  await tasks.removeProcess(id);
}

function limit(clock: Clock): AbortSignal {
  const controller = new AbortController();
  clock.after(endLimitMs, () => controller.abort(new Error('A program in a sandbox does not end.')));
  return controller.signal;
}
