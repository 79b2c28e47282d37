import { setInterval as every } from 'node:timers/promises';
import { Client } from 'undici';
import { median, printTable } from './figures.ts';
import { memoryKib } from './process-use.ts';
import { Ways, type Way } from './ways.ts';

const rounds = 7;
const unmeasuredRounds = 2;
const body = Buffer.alloc(100_000_000, 0x78);

/** 100 MB in and 100 MB out, by several ways in turn, and how much the server's memory grows meanwhile. */
export async function bodies(): Promise<void> {
  await using ways = await Ways.open();
  for (const [what, deed, sent] of [
    ['request', 'answer', body],
    ['response', 'download:100', '{}'],
  ] as const) {
    const beforeKib = await memoryKib(ways.berth.pid);
    const watch = new AbortController();
    const highestKib = watchMemory(ways.berth.pid, watch.signal);
    const samples = new Map<Way, number[]>(ways.single.map((way) => [way, []]));
    for (let round = 0; round < rounds + unmeasuredRounds; round += 1)
      for (const [way, seconds] of samples) {
        const took = await onceS(way, deed, sent);
        if (round >= unmeasuredRounds) seconds.push(took);
      }
    watch.abort();
    const grownMib = ((await highestKib) - beforeKib) / 1024;
    const nginx = median([...samples].find(([{ name }]) => name === 'nginx')?.[1] ?? []);
    console.log(`100 MB ${what}`);
    printTable(
      ['', 'n', 'median', "of nginx's time"],
      [...samples].map(([{ name }, seconds]) => [
        name,
        String(seconds.length),
        `${median(seconds).toFixed(3)} s`,
        (median(seconds) / nginx).toFixed(2),
      ]),
    );
    console.log(`\nBerth's resident memory grew by at most ${grownMib.toFixed(0)} MiB.\n`);
  }
}

/** From the first byte sent to the last byte received; the signature is made before. */
async function onceS(way: Way, deed: string, sent: string | Uint8Array): Promise<number> {
  const request = await way.prepare(deed, sent);
  const client = new Client(way.url);
  try {
    const startedAt = performance.now();
    const answer = await client.request({ method: 'POST', ...request });
    let bytes = 0;
    for await (const chunk of answer.body) bytes += (chunk as Buffer).length;
    if (answer.statusCode !== 200 || bytes < 1_000)
      throw new Error(`${way.name} answered ${answer.statusCode} with ${bytes} bytes.`);
    return (performance.now() - startedAt) / 1000;
  } finally {
    await client.close();
  }
}

async function watchMemory(pid: number, signal: AbortSignal): Promise<number> {
  let highest = await memoryKib(pid);
  try {
    for await (const _ of every(20, undefined, { signal })) highest = Math.max(highest, await memoryKib(pid));
  } catch {
    // Aborted: the watch is over.
  }
  return highest;
}
