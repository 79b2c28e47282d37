import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BerthError, messageOf } from '../../../shared/errors.ts';
import { randomText, type RandomSource, type SandboxId } from '../../../shared/ids.ts';
import { type ExecSpec, execsPerSandbox, type SandboxProcess } from '../../sandbox-process.ts';
import type { ContainerRecord } from '../api/containers-api.ts';
import { isEngineError } from '../api/engine-error.ts';
import type { ProcessId } from '../api/tasks-api.ts';
import type { DriverParts } from '../driver-parts.ts';
import { isOwnerAlive, noteOwner } from './exec-owner.ts';
import { fromContainer } from '../sandbox-record.ts';
import { openExecStreams } from './exec-streams.ts';
import type { ProcessTrees } from './process-tree-port.ts';
import { processTrees } from './process-trees.ts';
import { endForeignExec, SandboxExec } from './sandbox-exec.ts';

export interface SandboxExecsParts {
  readonly driver: Pick<DriverParts, 'engine' | 'cgroups' | 'clock' | 'log' | 'isolations'>;
  readonly random: RandomSource;
}

/**
 * The programs that run in sandboxes beside their agents. Each has a folder `execs/SANDBOX/EXEC` while it runs, so that another
 * server finds those of one that was killed.
 */
export class SandboxExecs implements AsyncDisposable {
  readonly #parts: SandboxExecsParts;
  readonly #dir: string;
  readonly #trees: ReturnType<typeof processTrees>;
  /** Undefined while it is being started. */
  readonly #running = new Map<string, Map<string, SandboxExec | undefined>>();

  constructor(parts: SandboxExecsParts) {
    this.#parts = parts;
    this.#dir = join(parts.driver.engine.runDir, 'execs');
    this.#trees = processTrees(parts.driver);
  }

  async exec(sandbox: SandboxId, spec: ExecSpec, signal: AbortSignal | undefined): Promise<SandboxProcess> {
    signal?.throwIfAborted();
    const running = this.#running.get(sandbox) ?? new Map<string, SandboxExec | undefined>();
    if (running.size >= execsPerSandbox) {
      throw new BerthError(
        'quota-exceeded',
        `${execsPerSandbox} commands and shells run in this session already, which is the most it may have. End some first.`,
      );
    }
    const execId = `exec-${randomText(this.#parts.random, 24)}`;
    this.#running.set(sandbox, running.set(execId, undefined));
    try {
      const started = await this.#start({ containerId: sandbox, execId }, spec, signal);
      running.set(execId, started);
      return started;
    } catch (error) {
      this.#forget(sandbox, execId);
      throw error;
    }
  }

  /** For a sandbox that is gone, and its programs with it. */
  async forget(sandbox: string): Promise<void> {
    await disposeAll(this.#running.get(sandbox)?.values() ?? []);
    await rm(join(this.#dir, sandbox), { recursive: true, force: true });
  }

  /** Ends those of servers that are gone; returns how many. One that hands over keeps its own to their end. */
  async sweep(): Promise<number> {
    const { driver } = this.#parts;
    let ended = 0;
    for (const containerId of await readdir(this.#dir).catch(() => [])) {
      for (const execId of await readdir(join(this.#dir, containerId)).catch(() => [])) {
        if (this.#running.get(containerId)?.has(execId) === true) continue;
        if (await isOwnerAlive(join(this.#dir, containerId, execId))) continue;
        try {
          const dir = join(this.#dir, containerId, execId);
          const trees = this.#treesOf(await driver.engine.api.containers.find(containerId));
          await endForeignExec(driver, { containerId, execId }, trees, dir);
          await rm(dir, { recursive: true, force: true });
          ended += 1;
        } catch (error) {
          driver.log.warn(
            { sandbox: containerId, error: messageOf(error) },
            'a program that a former server ran in a sandbox does not end; the next sweep tries again',
          );
        }
      }
    }
    return ended;
  }

  /** Whoever wanted their output is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await disposeAll([...this.#running.values()].flatMap((running) => [...running.values()]));
  }

  async #start(id: ProcessId, spec: ExecSpec, signal: AbortSignal | undefined): Promise<SandboxExec> {
    const { driver } = this.#parts;
    const { containers, tasks } = driver.engine.api;
    const container = await containers.findWithSpec(id.containerId);
    const agent = specSchema.safeParse(container?.spec).data?.process;
    if (agent === undefined) throw new BerthError('not-found', `There is no sandbox ${id.containerId}.`);
    const hasTerminal = spec.terminal !== undefined;
    const trees = this.#treesOf(container);
    const dir = join(this.#dir, id.containerId, id.execId);
    const streams = await openExecStreams(dir, hasTerminal);
    try {
      await noteOwner(dir);
      signal?.throwIfAborted();
      await tasks.exec({ ...id, ...streams.paths, terminal: hasTerminal, process: processOf(agent, spec) });
      const tree = await trees.start(id, dir, () => tasks.startProcess(id));
      // gVisor's runtime does not heed the size that it is told at the start.
      if (spec.terminal !== undefined) {
        const { columns, rows } = spec.terminal;
        await tasks.resizeTerminal(id, { width: columns, height: rows });
      }
      const onDisposed = () => this.#forget(id.containerId, id.execId);
      return new SandboxExec({ driver, id, tree, streams, hasTerminal, onDisposed });
    } catch (error) {
      await endForeignExec(driver, id, trees, dir).catch(() => {});
      await streams.remove();
      throw describeFailure(error, spec.args[0] ?? '');
    }
  }

  /** A container that is gone has no processes, wherever one looks. */
  #treesOf(container: ContainerRecord | undefined): ProcessTrees {
    const name = container === undefined ? undefined : fromContainer(container)?.sandbox.isolation;
    const isolation = name === undefined ? undefined : this.#parts.driver.isolations.find(name);
    return this.#trees[isolation?.processes ?? 'host'];
  }

  #forget(sandbox: string, execId: string): void {
    const running = this.#running.get(sandbox);
    running?.delete(execId);
    if (running?.size === 0) this.#running.delete(sandbox);
  }
}

async function disposeAll(execs: Iterable<SandboxExec | undefined>): Promise<void> {
  const started = [...execs].filter((exec) => exec !== undefined);
  await Promise.all(started.map((exec) => exec[Symbol.asyncDispose]()));
}

/** The agent's own process: what is added to it must not be less confined. */
const specSchema = z.object({ process: z.looseObject({ env: z.array(z.string()) }) });
type AgentProcess = z.infer<typeof specSchema>['process'];

function processOf(agent: AgentProcess, { args, environment = {}, terminal }: ExecSpec): object {
  const added = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const kept = agent.env.filter((line) => environment[line.slice(0, line.indexOf('='))] === undefined);
  return {
    ...agent,
    args,
    env: [...kept, ...added],
    terminal: terminal !== undefined,
    ...(terminal !== undefined && { consoleSize: { width: terminal.columns, height: terminal.rows } }),
  };
}

function describeFailure(error: unknown, program: string): unknown {
  if (!isEngineError(error)) return error;
  if (error.code === 'not-found' || /not running|no running task|stopped/i.test(error.details))
    return new BerthError('not-found', 'The sandbox does not run any more.', { cause: error });
  if (!/OCI runtime exec failed|exec: /.test(error.details)) return error;
  const isMissing = /no such file or directory|executable file not found/.test(error.details);
  return new BerthError(
    'runtime-client-error',
    isMissing
      ? `The image has no program ${program}. Add it to the image.`
      : `${program} cannot be run in the sandbox: ${error.details}`,
    { cause: error },
  );
}
