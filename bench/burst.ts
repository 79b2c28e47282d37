import { randomUUID } from 'node:crypto';
import { Agent } from 'undici';
import { BerthUnderBench } from './berth-under-bench.ts';
import { benchIsolations, type BenchIsolation, isolationTag } from './bench-isolation.ts';
import { callMs } from './call-ms.ts';
import { median, printTable, quantile } from './figures.ts';

const unmeasured = 2;

/** New sessions all at once, after some one after the other; none is stopped before all have answered. */
export async function burst(sessions = 100): Promise<void> {
  for (const isolation of benchIsolations) await burstOf(sessions, isolation);
}

async function burstOf(sessions: number, isolation: BenchIsolation): Promise<void> {
  const berth = await BerthUnderBench.start('hello-node', { tags: isolationTag(isolation) });
  const client = new Agent({ connections: sessions, headersTimeout: 0 });
  try {
    const alone: number[] = [];
    for (let round = 0; round < Math.max(3, sessions / 10) + unmeasured; round += 1) {
      const sessionId = randomUUID();
      const ms = await callMs(berth, client, sessionId);
      await berth.agents.stop(berth.runtime, sessionId);
      if (round >= unmeasured) alone.push(ms);
    }
    const ids = Array.from({ length: sessions }, () => randomUUID());
    const startedAt = performance.now();
    const together = await Promise.all(ids.map((id) => callMs(berth, client, id)));
    const allMs = performance.now() - startedAt;
    const ms = (value: number) => `${value.toFixed(0)} ms`;
    const row = (name: string, samples: readonly number[], perStartMs: number) => [
      name,
      String(samples.length),
      ...[median(samples), quantile(samples, 0.99), perStartMs].map(ms),
    ];
    printTable(
      [isolation, 'n', 'median', 'p99', 'time per start'],
      [row('one after the other', alone, median(alone)), row('at once', together, allMs / sessions)],
    );
    console.log(
      `\nAll ${sessions} answered in ${(allMs / 1000).toFixed(1)} s. ` +
        `Time per start, of the sequential one's: ${(allMs / sessions / median(alone)).toFixed(2)}\n`,
    );
  } finally {
    await client.destroy();
    await berth.destroy();
  }
}
