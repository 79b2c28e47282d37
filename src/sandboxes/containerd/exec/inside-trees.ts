import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BerthError } from '../../../shared/errors.ts';
import { inParallel } from '../../../images/pull/in-parallel.ts';
import type { InsideProcess, Runsc, SignalTarget } from '../isolations/runsc.ts';
import type { ProcessTree, ProcessTrees } from './process-tree-port.ts';

type InsideSignals = Pick<Runsc, 'processes' | 'signal'>;

/**
 * Trees of processes inside gVisor. The shim knows only a process of the host that waits for the program, so that the program is
 * the one that was not there before: programs of one sandbox are started one after another, and its number is kept in a file.
 */
export function insideTrees(runsc: InsideSignals): ProcessTrees {
  const starting = new Map<string, Promise<unknown>>();

  async function startAlone(
    sandbox: string,
    dir: string,
    start: () => Promise<number>,
  ): Promise<ProcessTree> {
    const known = await fromOutside(sandbox).catch((error: unknown) => {
      throw new BerthError('not-found', 'The sandbox does not run any more.', { cause: error });
    });
    const before = new Set(known.map(({ pid }) => pid));
    await start();
    // It may have taken its sandbox with it by now.
    const now = await fromOutside(sandbox).catch(() => []);
    const root = now.find(({ pid }) => !before.has(pid))?.pid;
    // One that is over already has left nothing whose number is known.
    if (root === undefined) return { signal: async () => {} };
    await writeFile(join(dir, rootFile), String(root), { mode: 0o600 });
    return treeOf(sandbox, root);
  }

  async function fromOutside(sandbox: string): Promise<readonly InsideProcess[]> {
    return (await runsc.processes(sandbox)).filter(({ parent }) => parent === 0);
  }

  function treeOf(sandbox: string, root: number): ProcessTree {
    return { signal: (signal) => signalInside(runsc, sandbox, root, signal) };
  }

  return {
    async start({ containerId }, dir, start) {
      const turn = (starting.get(containerId) ?? Promise.resolve())
        .catch(() => {})
        .then(() => startAlone(containerId, dir, start));
      starting.set(containerId, turn);
      try {
        return await turn;
      } finally {
        if (starting.get(containerId) === turn) starting.delete(containerId);
      }
    },
    async find({ containerId }, dir) {
      const root = Number(await readFile(join(dir, rootFile), 'utf8').catch(() => ''));
      return root > 1 ? treeOf(containerId, root) : undefined;
    },
  };
}

const rootFile = 'root';

async function signalInside(
  runsc: InsideSignals,
  sandbox: string,
  root: number,
  signal: NodeJS.Signals,
): Promise<void> {
  // A sandbox that is over has no processes, and its program nothing to say.
  const look = () => runsc.processes(sandbox).catch(() => []);
  const send = (targets: readonly SignalTarget[], what: NodeJS.Signals) =>
    inParallel(targets, programsAtOnce, undefined, (target) => runsc.signal(sandbox, target, what));
  let processes = await look();
  let members = membersOf(processes, root);
  if (signal === 'SIGKILL') {
    // Stopped first, so that none forks on while its parents die and it would no longer be known whose it was.
    const stopped = new Set<number>();
    for (let round = 0; round < rounds; round += 1) {
      const fresh = [...members].filter((pid) => !stopped.has(pid));
      if (fresh.length === 0) break;
      await send(targetsOf(processes, members, fresh), 'SIGSTOP');
      for (const pid of fresh) stopped.add(pid);
      processes = await look();
      members = membersOf(processes, root);
    }
  }
  await send(targetsOf(processes, members, [...members]), signal);
}

const rounds = 20;
/** Each signal is a program of the host's, and an agent may have hundreds of processes. */
const programsAtOnce = 4;

/** The root, its process group, and all who descend from them. */
function membersOf(processes: readonly InsideProcess[], root: number): ReadonlySet<number> {
  const members = new Set(
    processes.filter(({ pid, group }) => pid === root || group === root).map(({ pid }) => pid),
  );
  for (let size = -1; size !== members.size;) {
    size = members.size;
    for (const { pid, parent } of processes) if (members.has(parent)) members.add(pid);
  }
  return members;
}

/** By groups, as far as a group has nobody who is no member. */
function targetsOf(
  processes: readonly InsideProcess[],
  members: ReadonlySet<number>,
  wanted: readonly number[],
): readonly SignalTarget[] {
  const groups = new Map(processes.map(({ pid, group }) => [pid, group]));
  const mixed = new Set(processes.filter(({ pid }) => !members.has(pid)).map(({ group }) => group));
  const whole = new Set<number>();
  const single: number[] = [];
  for (const pid of wanted) {
    const group = groups.get(pid) ?? 0;
    if (group > 0 && !mixed.has(group)) whole.add(group);
    else single.push(pid);
  }
  return [...[...whole].map((group) => ({ group })), ...single.map((pid) => ({ pid }))];
}
