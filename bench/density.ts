import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';
import { BerthUnderBench } from './berth-under-bench.ts';
import { benchIsolations, type BenchIsolation, isolationTag } from './bench-isolation.ts';
import { callMs } from './call-ms.ts';
import { printTable } from './figures.ts';
import { memoryKib } from './process-use.ts';

const atOnce = 4;
/** Agents settle after their first call. */
const settleMs = 10_000;

interface Density {
  readonly agentKib: number;
  readonly shimKib: number;
  readonly serverKib: number;
  readonly machineKib: number;
}

/** What idle sandboxes take, awake and frozen, each kind on a server of its own. */
export async function density(sandboxes = 200): Promise<void> {
  for (const isolation of benchIsolations) await densityOf(sandboxes, isolation);
  const swaps = (await readFile('/proc/swaps', 'utf8')).trim().split('\n').length - 1;
  console.log(
    swaps === 0
      ? 'This machine has no swap: freezing takes no memory back here.'
      : `This machine has ${swaps} swap devices.`,
  );
}

async function densityOf(sandboxes: number, isolation: BenchIsolation): Promise<void> {
  const awake = await measure(sandboxes, isolationTag(isolation));
  const frozen = await measure(sandboxes, { ...isolationTag(isolation), 'berth:freeze-after': '5s' });
  const mib = (kib: number) => `${(kib / 1024).toFixed(1)} MiB`;
  const row = (name: string, of: (density: Density) => number) => [name, mib(of(awake)), mib(of(frozen))];
  printTable(
    [`${isolation}, each of ${sandboxes}`, 'idle', 'frozen'],
    [
      row('agent: its control group, without droppable cache', ({ agentKib }) => agentKib),
      row('shim: proportional set', ({ shimKib }) => shimKib),
      row('server: what its resident memory grew by', ({ serverKib }) => serverKib),
      row('all: what the machine has less available', ({ machineKib }) => machineKib),
    ],
  );
  console.log('');
}

async function measure(sandboxes: number, tags: Readonly<Record<string, string>>): Promise<Density> {
  const isFrozen = 'berth:freeze-after' in tags;
  const berth = await BerthUnderBench.start('hello-node', { tags });
  const client = new Agent({ connections: atOnce });
  try {
    const first = randomUUID();
    await callMs(berth, client, first);
    const [serverBefore, machineBefore] = [await memoryKib(berth.pid), await availableKib()];
    const rest = Array.from({ length: sandboxes }, () => randomUUID());
    const work = async () => {
      for (let id = rest.pop(); id !== undefined; id = rest.pop()) await callMs(berth, client, id);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    if (isFrozen) await berth.untilFigure('berth_frozen_sandboxes', (count) => count === sandboxes + 1);
    await sleep(settleMs);
    const load = (await berth.cli('top', '--once')) as { sessions: { memoryBytes: number }[] };
    const agentBytes = load.sessions.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
    const shims = await shimsKib(berth.home);
    return {
      agentKib: agentBytes / load.sessions.length / 1024,
      shimKib: shims.reduce((sum, kib) => sum + kib, 0) / shims.length,
      serverKib: ((await memoryKib(berth.pid)) - serverBefore) / sandboxes,
      machineKib: (machineBefore - (await availableKib())) / sandboxes,
    };
  } finally {
    await client.destroy();
    await berth.destroy();
  }
}

async function shimsKib(home: string): Promise<readonly number[]> {
  const sizes: number[] = [];
  // Its shims know containerd by the socket, whose place the configuration in its home says.
  const config = await readFile(`${home}/containerd/config.toml`, 'utf8');
  const [, socket = ''] = /address = "([^"]+\.sock)"/.exec(config) ?? [];
  for (const pid of await readdir('/proc')) {
    const command = /^\d+$/.test(pid) ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') : '';
    if (!command.includes('containerd-shim') || socket === '' || !command.includes(socket)) continue;
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    const kib = /^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1];
    if (kib !== undefined) sizes.push(Number(kib));
  }
  return sizes;
}

async function availableKib(): Promise<number> {
  return Number(/^MemAvailable:\s+(\d+) kB$/m.exec(await readFile('/proc/meminfo', 'utf8'))?.[1]);
}
