import { networkInterfaces } from 'node:os';
import { parseAllowedDestination } from '../src/shared/allowed-destination.ts';
import type { EgressPolicy } from '../src/sandboxes/egress-policy.ts';
import type { NetworkPool } from '../src/sandboxes/containerd/network/network-pool.ts';
import { createTestNetwork } from '../src/sandboxes/containerd/network/testing/network-probes.ts';
import { median, printTable, quantile } from './figures.ts';

const slotCount = 1_100;
const shown = 100;

/** Network slots made one after the other until two bridges are in use; what policies cost then; and their removal at once. */
export async function networkSlots(): Promise<void> {
  await using network = createTestNetwork();
  const pool = await network.openPool({ subnet: freeSubnet() });
  const makingMs: number[] = [];
  const names: string[] = [];
  for (let n = 0; n < slotCount; n += 1) {
    makingMs.push(await timed(async () => void names.push((await pool.claim()).name)));
  }
  const row = (name: string, samples: readonly number[]) => [
    name,
    String(samples.length),
    `${median(samples).toFixed(1)} ms`,
    `${quantile(samples, 0.99).toFixed(1)} ms`,
  ];
  const list = [parseAllowedDestination('.example.com')].filter((item) => item !== undefined);
  printTable(
    ['step', 'times', 'median', 'p99'],
    [
      row(`slot made, 1 to ${shown}`, makingMs.slice(0, shown)),
      row(
        `slot made, ${slotCount / 2} to ${slotCount / 2 + shown}`,
        makingMs.slice(slotCount / 2, slotCount / 2 + shown),
      ),
      row(`slot made, ${slotCount - shown} to ${slotCount}`, makingMs.slice(-shown)),
      row('policy: the default', await confine(pool, names.slice(0, shown), { kind: 'default' })),
      row('policy: off', await confine(pool, names.slice(shown, 2 * shown), { kind: 'off' })),
      row(
        'policy: a list',
        await confine(pool, names.slice(2 * shown, 3 * shown), { kind: 'allow-list', destinations: list }),
      ),
    ],
  );
  const removalMs = await timed(async () => {
    await Promise.all(names.map((name) => pool.release(name)));
  });
  console.log(`\nAll ${slotCount} removed at once in ${(removalMs / 1_000).toFixed(1)} s.`);
  await pool[Symbol.asyncDispose]();
}

async function confine(
  pool: NetworkPool,
  names: readonly string[],
  policy: EgressPolicy,
): Promise<readonly number[]> {
  const samples: number[] = [];
  for (const name of names) samples.push(await timed(() => pool.confine(name, policy)));
  return samples;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Servers of this machine take theirs from 10.213.0.0/16. */
function freeSubnet(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  const free = Array.from({ length: 16 }, (_, i) => `10.21${4 + (i % 4)}.${16 * i}.0/20`);
  const isFree = (subnet: string) =>
    !addresses.some(({ address }) => address.startsWith(subnet.split('.').slice(0, 2).join('.')));
  return free.find(isFree) ?? '10.218.0.0/20';
}
