import { randomUUID } from 'node:crypto';
import { Client } from 'undici';
import { BerthUnderBench } from './berth-under-bench.ts';
import { benchIsolations, type BenchIsolation, isolationTag } from './bench-isolation.ts';
import { callMs } from './call-ms.ts';
import { median, printTable, quantile } from './figures.ts';

/** Sandboxes that are frozen together; each is then woken by a call, which is followed by another one. */
export async function freeze(sandboxes = 20): Promise<void> {
  for (const isolation of benchIsolations) await freezeOf(sandboxes, isolation);
}

async function freezeOf(sandboxes: number, isolation: BenchIsolation): Promise<void> {
  const tags = { 'berth:freeze-after': '5s', ...isolationTag(isolation) };
  const berth = await BerthUnderBench.start('hello-node', { tags });
  const client = new Client(berth.url);
  try {
    const ids = Array.from({ length: sandboxes }, () => randomUUID());
    for (const id of ids) await callMs(berth, client, id);
    const [waking, awake]: [number[], number[]] = [[], []];
    await berth.untilFigure('berth_frozen_sandboxes', (count) => count === sandboxes);
    for (const id of ids) {
      waking.push(await callMs(berth, client, id));
      awake.push(await callMs(berth, client, id));
    }
    const ms = (value: number) => `${value.toFixed(1)} ms`;
    const row = (name: string, samples: readonly number[]) => [
      name,
      ...[median(samples), quantile(samples, 0.99), Math.min(...samples)].map(ms),
    ];
    printTable(
      [`${isolation}, ${sandboxes} sandboxes`, 'median', 'p99', 'least'],
      [
        row('the call that wakes', waking),
        row('the next call', awake),
        row(
          'the thaw: difference, pair by pair',
          waking.map((sample, at) => sample - (awake[at] ?? Number.NaN)),
        ),
      ],
    );
    const mean = async (name: string) =>
      ms(((await berth.figure(`${name}_sum`)) / (await berth.figure(`${name}_count`))) * 1000);
    const freezeMean = await mean('berth_session_freeze_seconds');
    const thawMean = await mean('berth_session_thaw_seconds');
    console.log(`\nBy the server's count, on average: freeze ${freezeMean}, thaw ${thawMean}.\n`);
  } finally {
    await client.close();
    await berth.destroy();
  }
}
