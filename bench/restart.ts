import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { benchIsolations, type BenchIsolation, isolationTag } from './bench-isolation.ts';
import { BerthFixture } from '../test/fixture/berth-fixture.ts';
import type { DeployedRuntime } from '../scripts/quickstart/agents.ts';
import { median, printTable, quantile } from './figures.ts';

const liveSessions = 100;
const rounds = 7;
const startsAtOnce = 4;
const callsAtOnce = 8;

interface Restart {
  /** From the start of the new process until its port takes connections, which it does after it has taken over the sessions. */
  readonly untilListeningMs: number;
  /** From then until every session has answered. */
  readonly untilAllAnsweredMs: number;
  readonly failed: number;
  /** Sessions that answered without their memory. */
  readonly lost: number;
}

/** A server is killed and started again: without sessions, then with 100 live ones, which are all called at once. */
export async function restart(): Promise<void> {
  for (const isolation of benchIsolations) await restartOf(isolation);
}

async function restartOf(isolation: BenchIsolation): Promise<void> {
  const berth = await BerthFixture.start({ BERTH_LOG_LEVEL: 'warn' });
  try {
    const runtime = await berth.deploy('hello-node', 'bench', { tags: isolationTag(isolation) });
    const empty = await restarts(berth, runtime, new Map());
    const sessions = await openSessions(berth, runtime);
    const full = await restarts(berth, runtime, sessions);
    printTable(
      [
        isolation,
        'n',
        'until it listens, median',
        'slowest',
        'until all answered, median',
        'slowest',
        'failed',
        'lost',
      ],
      [row('no session', empty), row(`${liveSessions} live sessions`, full)],
    );
    const takeover = median(full.map(listening)) - median(empty.map(listening));
    console.log(
      `\nTaking over ${liveSessions} sessions: ${takeover.toFixed(0)} ms (difference of the medians)\n`,
    );
  } finally {
    await berth.destroy();
  }
}

const listening = ({ untilListeningMs }: Restart) => untilListeningMs;

function row(name: string, measured: readonly Restart[]): string[] {
  const times = (samples: readonly number[]) =>
    [median(samples), quantile(samples, 1)].map((ms) => `${ms.toFixed(0)} ms`);
  const sum = (counts: readonly number[]) => String(counts.reduce((total, count) => total + count, 0));
  return [
    name,
    String(measured.length),
    ...times(measured.map(listening)),
    ...times(measured.map(({ untilAllAnsweredMs }) => untilAllAnsweredMs)),
    sum(measured.map(({ failed }) => failed)),
    sum(measured.map(({ lost }) => lost)),
  ];
}

/** By session id, what its agent said of its own start. */
async function openSessions(berth: BerthFixture, runtime: DeployedRuntime): Promise<Map<string, string>> {
  const sessions = new Map<string, string>();
  await inTurns(
    Array.from({ length: liveSessions }, () => randomUUID()),
    startsAtOnce,
    async (id) => {
      sessions.set(id, (await berth.agents.invoke(runtime, id, { prompt: 'first' })).bootId);
    },
  );
  return sessions;
}

async function restarts(
  berth: BerthFixture,
  runtime: DeployedRuntime,
  sessions: ReadonlyMap<string, string>,
): Promise<Restart[]> {
  const measured: Restart[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await berth.process.kill();
    const startedAt = performance.now();
    const started = berth.process.start();
    await untilListening(new URL(berth.server.url));
    const listeningAt = performance.now();
    let failed = 0;
    let lost = 0;
    await inTurns([...sessions], callsAtOnce, async ([id, bootId]) => {
      try {
        if ((await berth.agents.invoke(runtime, id, { prompt: 'again' })).bootId !== bootId) lost += 1;
      } catch {
        failed += 1;
      }
    });
    const untilAllAnsweredMs = performance.now() - listeningAt;
    measured.push({ untilListeningMs: listeningAt - startedAt, untilAllAnsweredMs, failed, lost });
    await started;
  }
  return measured;
}

async function untilListening({ hostname, port }: URL): Promise<void> {
  for (;;) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(Number(port), hostname);
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('close', () => socket.destroy());
    });
    if (isOpen) return;
    await sleep(2);
  }
}

/** At most `atOnce` at a time. */
async function inTurns<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
