import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { BerthUnderBench, type PreparedRequest } from './berth-under-bench.ts';
import { median, printTable, quantile } from './figures.ts';
import { startNginx } from './nginx-baseline.ts';

const rounds = 10;
const unmeasuredRounds = 4;
const requestsPerRound = 300;
const answerFile = '/tmp/answer';

interface Way {
  readonly name: string;
  readonly pool: Pool;
  readonly prepare: () => Promise<PreparedRequest>;
}

interface Samples {
  readonly latenciesUs: number[];
  spentMs: number;
}

/** 1 KB in and 1 KB out, to one warm sandbox by three ways in turn: straight, through nginx, through Berth. */
export async function relay(): Promise<void> {
  const berth = await BerthUnderBench.start();
  try {
    const sessionId = randomUUID();
    const address = await warmUp(berth, sessionId);
    const nginx = await startNginx(`${address}:8080`);
    try {
      for (const concurrency of [1, 8]) {
        const open = (url: string) => new Pool(url, { connections: concurrency });
        const plain = () => plainRequest(sessionId);
        const ways: Way[] = [
          { name: 'direct', pool: open(`http://${address}:8080`), prepare: plain },
          { name: 'nginx', pool: open(nginx.url), prepare: plain },
          {
            name: 'Berth, signature checked',
            pool: open(berth.url),
            prepare: () => berth.prepare(sessionId, requestBody()),
          },
        ];
        report(concurrency, ways, await measure(ways, concurrency));
        await Promise.all(ways.map((way) => way.pool.close()));
      }
    } finally {
      await nginx.destroy();
    }
  } finally {
    await berth.destroy();
  }
}

/** Starts the session, leaves the file it is to answer with, and returns the sandbox's address. */
async function warmUp(berth: BerthUnderBench, sessionId: string): Promise<string> {
  // With the agent's other fields the answer has 1,024 bytes, give or take a few.
  const writeFile = { path: answerFile, text: 'x'.repeat(850) };
  await berth.agents.invoke(berth.runtime, sessionId, { writeFile });
  const { file = '' } = await berth.agents.invoke(berth.runtime, sessionId, { readFile: '/etc/hosts' });
  const address = /^(\d+\.\d+\.\d+\.\d+)\s/m.exec(file.replaceAll(/^127\..*$/gm, ''))?.[1];
  if (address === undefined) throw new Error(`The sandbox's address is not in its /etc/hosts:\n${file}`);
  return address;
}

/** Rounds of all ways in turn, so that a slow moment of the machine meets all of them; the first few warm them up. */
async function measure(ways: readonly Way[], concurrency: number): Promise<Map<Way, Samples>> {
  const samples = new Map(ways.map((way): [Way, Samples] => [way, { latenciesUs: [], spentMs: 0 }]));
  for (let round = 0; round < rounds + unmeasuredRounds; round += 1) {
    for (const [way, counted] of samples) {
      const requests = await Promise.all(Array.from({ length: requestsPerRound }, () => way.prepare()));
      const latenciesUs: number[] = [];
      const startedAt = performance.now();
      await Promise.all(
        Array.from({ length: concurrency }, async () => {
          for (let next = requests.pop(); next; next = requests.pop())
            latenciesUs.push(await callUs(way, next));
        }),
      );
      if (round < unmeasuredRounds) continue;
      counted.spentMs += performance.now() - startedAt;
      counted.latenciesUs.push(...latenciesUs);
    }
  }
  return samples;
}

async function callUs(way: Way, request: PreparedRequest): Promise<number> {
  const startedAt = performance.now();
  const { statusCode, body } = await way.pool.request({ method: 'POST', ...request });
  const answer = await body.text();
  const tookUs = (performance.now() - startedAt) * 1000;
  if (statusCode !== 200 || answer.length < 900)
    throw new Error(`${way.name} answered ${statusCode}: ${answer.slice(0, 300)}`);
  return tookUs;
}

function report(concurrency: number, ways: readonly Way[], samples: ReadonlyMap<Way, Samples>): void {
  const figures = ways.map((way) => {
    const { latenciesUs = [], spentMs = 0 } = samples.get(way) ?? {};
    return {
      name: way.name,
      count: latenciesUs.length,
      medianUs: median(latenciesUs),
      p99Us: quantile(latenciesUs, 0.99),
      perSecond: latenciesUs.length / (spentMs / 1000),
    };
  });
  const direct = figures.find(({ name }) => name === 'direct');
  const nginx = figures.find(({ name }) => name === 'nginx');
  console.log(`${concurrency} at a time`);
  printTable(
    ['', 'n', 'median', 'p99', 'median over direct', 'requests/s', "of nginx's"],
    figures.map(({ name, count, medianUs, p99Us, perSecond }) => [
      name,
      String(count),
      `${medianUs.toFixed(0)} us`,
      `${p99Us.toFixed(0)} us`,
      `${(medianUs - (direct?.medianUs ?? Number.NaN)).toFixed(0)} us`,
      perSecond.toFixed(0),
      (perSecond / (nginx?.perSecond ?? Number.NaN)).toFixed(2),
    ]),
  );
  console.log();
}

function requestBody(): string {
  const input = { readFile: answerFile, padding: '' };
  return JSON.stringify({ ...input, padding: 'x'.repeat(1024 - JSON.stringify(input).length) });
}

async function plainRequest(sessionId: string): Promise<PreparedRequest> {
  return {
    path: '/invocations',
    headers: {
      'content-type': 'application/json',
      'x-amzn-bedrock-agentcore-runtime-session-id': sessionId,
    },
    body: requestBody(),
  };
}
