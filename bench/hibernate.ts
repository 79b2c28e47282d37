import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeployedRuntime } from '../scripts/quickstart/agents.ts';
import { BerthFixture } from '../test/fixture/berth-fixture.ts';
import { imageLayout } from './berth-under-bench.ts';
import { median, printTable, quantile } from './figures.ts';
import { OciBaseline } from './oci-baseline.ts';

const rounds = 10;

/** A gVisor session's way to disk and back, in turn with the first call of a new one and with plain `runsc`'s way to disk and back. */
export async function hibernate(): Promise<void> {
  const berth = await BerthFixture.start({ BERTH_PING_INTERVAL: '250ms', BERTH_LOG_LEVEL: 'warn' });
  try {
    const runtime = await berth.deploy('hello-node', 'bench', {
      lifecycleConfiguration: { idleRuntimeSessionTimeout: 1, maxLifetime: 3_600 },
      tags: { 'berth:isolation': 'gvisor', 'berth:hibernate': '1h', 'berth:memory': '512MiB' },
    });
    const bare = await OciBaseline.prepare(imageLayout, 'gvisor');
    try {
      await measure(berth, runtime, bare);
    } finally {
      await bare.destroy();
    }
  } finally {
    await berth.destroy();
  }
}

async function measure(berth: BerthFixture, runtime: DeployedRuntime, bare: OciBaseline): Promise<void> {
  const firstMs: number[] = [];
  const wakeMs: number[] = [];
  const bareMs: { readonly checkpoint: number; readonly restore: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const id = randomUUID();
    firstMs.push(await callMs(berth, runtime, id));
    while ((await metric(berth, 'berth_hibernated_sessions')) !== 1) await sleep(50);
    wakeMs.push(await callMs(berth, runtime, id));
    await berth.agents.stop(runtime, id);
    bareMs.push(await bare.checkpointMs());
  }
  const row = (name: string, samples: readonly number[]) => [
    name,
    String(samples.length),
    ...[median(samples), quantile(samples, 0.99)].map((ms) => `${ms.toFixed(0)} ms`),
  ];
  printTable(
    ['', 'n', 'median', 'p99'],
    [
      row('first call of a new session', firstMs),
      row('call that wakes a session', wakeMs),
      row(
        'same agent, `runsc restore`',
        bareMs.map(({ restore }) => restore),
      ),
      row(
        'same agent, `runsc checkpoint`',
        bareMs.map(({ checkpoint }) => checkpoint),
      ),
    ],
  );
  const count = await metric(berth, 'berth_session_hibernations_total');
  const takenMs = ((await metric(berth, 'berth_session_hibernate_seconds_sum')) / count) * 1000;
  const bytes = (await metric(berth, 'berth_session_checkpoint_bytes_total')) / count;
  console.log(
    `\nTo disk, sealed and parked: ${takenMs.toFixed(0)} ms and ${(bytes / 2 ** 20).toFixed(1)} MiB on average of ${count}.`,
  );
}

async function callMs(berth: BerthFixture, runtime: DeployedRuntime, id: string): Promise<number> {
  const startedAt = performance.now();
  await berth.agents.invoke(runtime, id, {});
  return performance.now() - startedAt;
}

async function metric(berth: BerthFixture, name: string): Promise<number> {
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await berth.metrics())?.[1]);
}
