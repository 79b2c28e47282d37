import { Agent, type IncomingMessage, request } from 'node:http';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { median, printTable, quantile } from './figures.ts';
import { memoryKib } from './process-use.ts';
import { Ways, type Way } from './ways.ts';

const events = 500;
const manyStreams = 9_000;
/** Each stream sends an event this often. */
const quietMs = 10_000;
const openAtOnce = 50;

/** How late events of a stream arrive, by several ways in turn; then many streams through Berth at once, and what each costs. */
export async function streams(): Promise<void> {
  await using ways = await Ways.open();
  const rows: string[][] = [];
  for (const way of ways.single) {
    const delaysUs = await delaysOf(way);
    rows.push([
      way.name,
      String(delaysUs.length),
      `${median(delaysUs).toFixed(0)} us`,
      `${quantile(delaysUs, 0.99).toFixed(0)} us`,
    ]);
  }
  console.log('Delay of an event, from the agent to the client');
  printTable(['', 'n', 'median', 'p99'], rows);

  const beforeKib = await memoryKib(ways.berth.pid);
  const open = await openMany(ways.through);
  const counts = open.map(() => 0);
  for (const [index, { response }] of open.entries())
    response.on('data', () => (counts[index] = (counts[index] ?? 0) + 1));
  await sleep(2.5 * quietMs);
  const grownKib = (await memoryKib(ways.berth.pid)) - beforeKib;
  const stalled = counts.filter((count) => count < 2).length;
  const broken = open.filter(({ response }) => response.destroyed).length;
  console.log(`\n${open.length} streams open at once: ${stalled} stalled, ${broken} broken.`);
  console.log(`Berth's resident memory grew by ${(grownKib / open.length).toFixed(1)} KiB a stream.`);
  for (const { response } of open) response.destroy();
  await sleep(1_000);
}

async function delaysOf(way: Way): Promise<number[]> {
  const response = await openStream(way, `stream:4:${events}`);
  const delaysUs: number[] = [];
  response.setEncoding('utf8');
  response.on('data', (text: string) => {
    const at = Number(/data: (\S+)/.exec(text)?.[1]);
    delaysUs.push((performance.timeOrigin + performance.now() - at) * 1000);
  });
  await once(response, 'end');
  return delaysUs;
}

async function openMany(way: Way) {
  const open: { readonly response: IncomingMessage }[] = [];
  while (open.length < manyStreams) {
    const some = Array.from({ length: openAtOnce }, async () => ({
      response: await openStream(way, `stream:${quietMs}:1000`),
    }));
    open.push(...(await Promise.all(some)));
  }
  return open;
}

async function openStream(way: Way, deed: string): Promise<IncomingMessage> {
  const { path, headers, body } = await way.prepare(deed, '{}');
  const sent = request(`${way.url}${path}`, {
    method: 'POST',
    agent: new Agent(),
    headers: { ...headers, 'content-length': String(body.length) },
  });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`${way.name} answered ${response.statusCode}.`);
  response.on('error', () => {});
  return response;
}
