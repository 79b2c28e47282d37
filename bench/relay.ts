import { BalancedPool, Pool } from 'undici';
import type { PreparedRequest } from './berth-under-bench.ts';
import { median, printTable, quantile } from './figures.ts';
import { processorUs } from './process-use.ts';
import { Ways, type Way } from './ways.ts';

const rounds = 6;
const unmeasuredRounds = 2;
const requestsPerRound = 2_000;
const kilobyte = JSON.stringify({ padding: 'x'.repeat(1024 - 14) });

interface Samples {
  readonly latenciesUs: number[];
  spentMs: number;
  /** Processor time of what stands in between. */
  usedUs: number;
}

/** 1 KB in and 1 KB out, to one warm sandbox by several ways in turn. */
export async function relay(): Promise<void> {
  await using ways = await Ways.open();
  for (const concurrency of [1, 8]) {
    const pooled = ways.all.map((way) => ({ ...way, pool: poolOf(way, concurrency) }));
    report(concurrency, pooled, await measure(pooled, concurrency));
    await Promise.all(pooled.map(({ pool }) => pool.close()));
  }
}

type PooledWay = Way & { readonly pool: Pool | BalancedPool };

function poolOf({ url, secondUrl }: Way, connections: number): Pool | BalancedPool {
  if (secondUrl === undefined) return new Pool(url, { connections });
  return new BalancedPool([url, secondUrl], { connections: Math.ceil(connections / 2) });
}

/** Rounds of all ways in turn, so that a slow moment of the machine meets all of them; the first few warm them up. */
async function measure(ways: readonly PooledWay[], concurrency: number): Promise<Map<PooledWay, Samples>> {
  const samples = new Map(
    ways.map((way): [PooledWay, Samples] => [way, { latenciesUs: [], spentMs: 0, usedUs: 0 }]),
  );
  for (let round = 0; round < rounds + unmeasuredRounds; round += 1) {
    for (const [way, counted] of samples) {
      const requests = await Promise.all(
        Array.from({ length: requestsPerRound }, () => way.prepare('answer', kilobyte)),
      );
      const latenciesUs: number[] = [];
      const usedBefore = way.pid === undefined ? 0 : await processorUs(way.pid);
      const startedAt = performance.now();
      await Promise.all(
        Array.from({ length: concurrency }, async () => {
          for (let next = requests.pop(); next; next = requests.pop())
            latenciesUs.push(await callUs(way, next));
        }),
      );
      const spentMs = performance.now() - startedAt;
      if (round < unmeasuredRounds) continue;
      counted.spentMs += spentMs;
      if (way.pid !== undefined) counted.usedUs += (await processorUs(way.pid)) - usedBefore;
      counted.latenciesUs.push(...latenciesUs);
    }
  }
  return samples;
}

async function callUs(way: PooledWay, request: PreparedRequest): Promise<number> {
  const startedAt = performance.now();
  const { statusCode, body } = await way.pool.request({ method: 'POST', ...request });
  const answer = await body.text();
  const tookUs = (performance.now() - startedAt) * 1000;
  if (statusCode !== 200 || answer.length < 900)
    throw new Error(`${way.name} answered ${statusCode}: ${answer.slice(0, 300)}`);
  return tookUs;
}

function report(
  concurrency: number,
  ways: readonly PooledWay[],
  samples: ReadonlyMap<PooledWay, Samples>,
): void {
  const figures = ways.map((way) => {
    const { latenciesUs = [], spentMs = 0, usedUs = 0 } = samples.get(way) ?? {};
    return {
      name: way.name,
      count: latenciesUs.length,
      medianUs: median(latenciesUs),
      p99Us: quantile(latenciesUs, 0.99),
      perSecond: latenciesUs.length / (spentMs / 1000),
      usedUs: usedUs / latenciesUs.length,
    };
  });
  const direct = figures.find(({ name }) => name === 'direct');
  const nginx = figures.find(({ name }) => name === 'nginx');
  console.log(`${concurrency} at a time`);
  printTable(
    ['', 'n', 'median', 'p99', 'median over direct', 'requests/s', "of nginx's", 'processor time'],
    figures.map(({ name, count, medianUs, p99Us, perSecond, usedUs }) => [
      name,
      String(count),
      `${medianUs.toFixed(0)} us`,
      `${p99Us.toFixed(0)} us`,
      `${(medianUs - (direct?.medianUs ?? Number.NaN)).toFixed(0)} us`,
      perSecond.toFixed(0),
      (perSecond / (nginx?.perSecond ?? Number.NaN)).toFixed(2),
      usedUs === 0 ? '' : `${usedUs.toFixed(0)} us`,
    ]),
  );
  console.log();
}
