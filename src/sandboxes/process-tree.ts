import { readFile } from 'node:fs/promises';
import { type Clock, sleep } from '../shared/clock.ts';

export interface ProcessTreeParts {
  /** Numbers of all processes of the sandbox: no other is ever signalled, whatever number the kernel has given away anew. */
  readonly processes: () => Promise<readonly number[]>;
  readonly clock: Clock;
}

/** Signals a process (by the host's number) and what it started: its session, and all who descend from it. */
export async function signalTree(
  { processes, clock }: ProcessTreeParts,
  root: number,
  signal: NodeJS.Signals,
): Promise<void> {
  if (signal !== 'SIGKILL') {
    for (const pid of await membersOf(processes, root)) send(pid, signal);
    return;
  }
  // Stopped first, so that none forks on while its parents die and it would no longer be known whose it was.
  const stopped = new Set<number>();
  for (let round = 0; round < rounds; round += 1) {
    const fresh = (await membersOf(processes, root)).filter((pid) => !stopped.has(pid));
    if (fresh.length === 0) break;
    for (const pid of fresh) if (send(pid, 'SIGSTOP')) stopped.add(pid);
    await sleep(clock, 1);
  }
  for (const pid of await membersOf(processes, root)) send(pid, 'SIGKILL');
}

const rounds = 50;

async function membersOf(processes: ProcessTreeParts['processes'], root: number): Promise<readonly number[]> {
  const all = await Promise.all((await processes()).map(readProcess));
  const known = all.filter((process) => process !== undefined);
  const members = new Set(
    known.filter(({ pid, session }) => pid === root || session === root).map(({ pid }) => pid),
  );
  for (let size = -1; size !== members.size;) {
    size = members.size;
    for (const { pid, parent } of known) if (members.has(parent)) members.add(pid);
  }
  return [...members];
}

interface ProcessState {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
}

/** undefined for one that is over. */
async function readProcess(pid: number): Promise<ProcessState | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // A program chooses its name, brackets and blanks included: the fields begin after the last bracket.
  const [state, parent, , session] = text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? [];
  if (state === undefined || state === 'Z' || state === 'X') return undefined;
  return { pid, parent: Number(parent), session: Number(session) };
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    // It ended by itself.
    return false;
  }
}
