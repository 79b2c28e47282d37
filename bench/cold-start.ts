import { randomUUID } from 'node:crypto';
import { Client } from 'undici';
import { BerthUnderBench, imageLayout } from './berth-under-bench.ts';
import { benchIsolations, type BenchIsolation, isolationTag, runtimeOf } from './bench-isolation.ts';
import { callMs } from './call-ms.ts';
import { median, printTable, quantile } from './figures.ts';
import { OciBaseline } from './oci-baseline.ts';

const rounds = 15;
const unmeasuredRounds = 2;

/** First calls of new sessions through Berth, each in turn with one start of the same agent under the bare OCI runtime. */
export async function coldStart(): Promise<void> {
  for (const isolation of benchIsolations) {
    const bare = await OciBaseline.prepare(imageLayout, isolation);
    try {
      const berth = await BerthUnderBench.start('hello-node', { tags: isolationTag(isolation) });
      try {
        await compare(berth, bare, isolation);
      } finally {
        await berth.destroy();
      }
    } finally {
      await bare.destroy();
    }
  }
}

async function compare(berth: BerthUnderBench, bare: OciBaseline, isolation: BenchIsolation): Promise<void> {
  const client = new Client(berth.url);
  const berthMs: number[] = [];
  const bareMs: number[] = [];
  for (let round = 0; round < rounds + unmeasuredRounds; round += 1) {
    const alone = await bare.startOnceMs();
    const sessionId = randomUUID();
    const session = await callMs(berth, client, sessionId);
    await berth.agents.stop(berth.runtime, sessionId);
    if (round < unmeasuredRounds) continue;
    bareMs.push(alone);
    berthMs.push(session);
  }
  await client.close();
  const differencesMs = berthMs.map((sample, round) => sample - (bareMs[round] ?? Number.NaN));
  const row = (name: string, samples: readonly number[]) => [
    name,
    String(samples.length),
    ...[median(samples), quantile(samples, 0.99), Math.min(...samples)].map((ms) => `${ms.toFixed(0)} ms`),
  ];
  printTable(
    [isolation, 'n', 'median', 'p99', 'least'],
    [
      row('first call of a session, Berth', berthMs),
      row(`same agent, \`${runtimeOf[isolation]} run\``, bareMs),
      row('difference, pair by pair', differencesMs),
    ],
  );
  console.log(`\nRatio of the medians: ${(median(berthMs) / median(bareMs)).toFixed(2)}\n`);
}
