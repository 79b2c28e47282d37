import type { ProcessId } from '../api/tasks-api.ts';

/** A program that runs beside an agent, with all that it started. */
export interface ProcessTree {
  signal(signal: NodeJS.Signals): Promise<void>;
}

/** Finds the trees of programs, in one kind of isolation. */
export interface ProcessTrees {
  /** Starts the program by `start`, which resolves to the host's number of it. `dir` is the program's own folder. */
  start(id: ProcessId, dir: string, start: () => Promise<number>): Promise<ProcessTree>;
  /** The tree of a program that another process of this server started; undefined when it is over. */
  find(id: ProcessId, dir: string): Promise<ProcessTree | undefined>;
}
