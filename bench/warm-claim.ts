import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'undici';
import { BerthUnderBench } from './berth-under-bench.ts';
import { callMs } from './call-ms.ts';
import { median, printTable, quantile } from './figures.ts';

const unmeasuredClaims = 2;
const poolSize = 2;
const hits = 'berth_pool_claims_total{outcome="hit"}';

/** First calls of sessions that get a pooled sandbox, each in turn with a second call, for which there is nothing to claim. */
export async function warmClaim(claims = 50): Promise<void> {
  const berth = await BerthUnderBench.start('hello-node', { tags: { 'berth:pool-min': String(poolSize) } });
  const client = new Client(berth.url);
  try {
    const first: number[] = [];
    const second: number[] = [];
    for (let claim = 0; claim < claims + unmeasuredClaims; claim += 1) {
      // The machine is to be as quiet as between two users.
      await berth.untilFigure('berth_pool_ready', (ready) => ready === poolSize);
      await sleep(100);
      const sessionId = randomUUID();
      const before = await berth.figure(hits);
      const claimed = await callMs(berth, client, sessionId);
      const warm = await callMs(berth, client, sessionId);
      if ((await berth.figure(hits)) !== before + 1) throw new Error('The session got no pooled sandbox.');
      await berth.agents.stop(berth.runtime, sessionId);
      if (claim < unmeasuredClaims) continue;
      first.push(claimed);
      second.push(warm);
    }
    const row = (name: string, samples: readonly number[]) => [
      name,
      String(samples.length),
      ...[median(samples), quantile(samples, 0.99), Math.min(...samples)].map((ms) => `${ms.toFixed(2)} ms`),
    ];
    printTable(
      ['', 'n', 'median', 'p99', 'least'],
      [
        row('first call, pooled sandbox', first),
        row('second call', second),
        row(
          'the claim: difference, pair by pair',
          first.map((ms, at) => ms - (second[at] ?? Number.NaN)),
        ),
      ],
    );
    const started = 'berth_session_start_seconds';
    const meanMs = ((await berth.figure(`${started}_sum`)) / (await berth.figure(`${started}_count`))) * 1000;
    console.log(
      `\nBy the server's count a session had its sandbox after ${meanMs.toFixed(2)} ms on average.`,
    );
    console.log(
      'The difference also holds what an agent does only for its first call, and a new connection to it.',
    );
  } finally {
    await client.close();
    await berth.destroy();
  }
}
