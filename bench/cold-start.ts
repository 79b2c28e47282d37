import { randomUUID } from 'node:crypto';
import { Client } from 'undici';
import { BerthUnderBench, imageLayout } from './berth-under-bench.ts';
import { median, printTable, quantile } from './figures.ts';
import { RuncBaseline } from './runc-baseline.ts';

const rounds = 15;
const unmeasuredRounds = 2;

/** First calls of new sessions through Berth, each in turn with one start of the same agent under plain runc. */
export async function coldStart(): Promise<void> {
  const runc = await RuncBaseline.prepare(imageLayout);
  try {
    const berth = await BerthUnderBench.start('hello-node');
    try {
      await compare(berth, runc);
    } finally {
      await berth.destroy();
    }
  } finally {
    await runc.destroy();
  }
}

async function compare(berth: BerthUnderBench, runc: RuncBaseline): Promise<void> {
  const client = new Client(berth.url);
  const berthMs: number[] = [];
  const runcMs: number[] = [];
  for (let round = 0; round < rounds + unmeasuredRounds; round += 1) {
    const alone = await runc.startOnceMs();
    const session = await firstCallMs(berth, client);
    if (round < unmeasuredRounds) continue;
    runcMs.push(alone);
    berthMs.push(session);
  }
  await client.close();
  const differencesMs = berthMs.map((sample, round) => sample - (runcMs[round] ?? Number.NaN));
  const row = (name: string, samples: readonly number[]) => [
    name,
    String(samples.length),
    ...[median(samples), quantile(samples, 0.99), Math.min(...samples)].map((ms) => `${ms.toFixed(0)} ms`),
  ];
  printTable(
    ['', 'n', 'median', 'p99', 'least'],
    [
      row('first call of a session, Berth', berthMs),
      row('same agent, `runc run`', runcMs),
      row('difference, pair by pair', differencesMs),
    ],
  );
  console.log(`\nRatio of the medians: ${(median(berthMs) / median(runcMs)).toFixed(2)}`);
}

/** The request is signed before the clock runs; the clock stops at the answer's first byte. */
async function firstCallMs(berth: BerthUnderBench, client: Client): Promise<number> {
  const sessionId = randomUUID();
  const request = await berth.prepare(sessionId, '{}');
  const startedAt = performance.now();
  const { statusCode, body } = await client.request({ method: 'POST', ...request });
  const tookMs = performance.now() - startedAt;
  const answer = await body.text();
  if (statusCode !== 200) throw new Error(`The first call was answered with ${statusCode}: ${answer}`);
  await berth.agents.stop(berth.runtime, sessionId);
  return tookMs;
}
