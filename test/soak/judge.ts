import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BerthFixture } from '../fixture/berth-fixture.ts';
import { footprintLike, footprintWith } from '../fixture/footprint.ts';
import { leftoversOf } from '../fixture/leftovers.ts';
import type { Conversations } from './conversations.ts';
import { noteOwnDoings } from './own-doings.ts';
import type { SoakReport } from './soak-report.ts';
import { pooledSandboxes } from './soak-runtimes.ts';

export interface JudgeParts {
  readonly berth: BerthFixture;
  readonly report: SoakReport;
  readonly conversations: Conversations;
  /** Network addresses and disks that the server keeps ahead. */
  readonly prepared: number;
}

const restLimitMs = 60_000;

/** In the end nothing is there but what the sessions need, awake or on disk, and all of them know what they were told. */
export async function judge(parts: JudgeParts): Promise<void> {
  const { berth, report, conversations, prepared } = parts;
  await conversations.checkAll();
  const runtimes = conversations.sessions.map(({ runtime }) => runtime);
  const asleep = runtimes.filter(({ sleepsAfterMs }) => sleepsAfterMs !== undefined).length;
  const awake = runtimes.length - asleep;
  const figures = {
    berth_live_sessions: awake,
    berth_hibernated_sessions: asleep,
    berth_frozen_sandboxes: runtimes.filter(({ freezes }) => freezes).length,
    berth_pool_ready: pooledSandboxes,
    berth_pool_frozen: pooledSandboxes,
  };
  await untilFigures(parts, figures);
  // The sweep comes every three minutes, and spares for five what was just claimed: a restart has one at once.
  await berth.process.stop();
  await berth.process.start();
  await untilFigures(parts, figures);
  const expected = footprintWith(awake + pooledSandboxes, prepared, asleep);
  const found = await footprintLike(berth.server.home, expected);
  for (const [kind, count] of Object.entries(expected))
    if (found[kind] !== count) report.found(`${found[kind]} ${kind} instead of ${count}`);
  await conversations.checkAll();
  await noteOwnDoings(berth.server.home, report);
}

/** Ends all sessions and the server: nothing of them is left. */
export async function judgeEnd({ berth, report }: Pick<JudgeParts, 'berth' | 'report'>): Promise<void> {
  const { home } = berth.server;
  await berth.cli('down', '--sessions');
  const checkpoints = await readdir(join(home, 'checkpoints')).catch(() => []);
  for (const left of [...(await leftoversOf(home)), ...checkpoints.map((id) => `checkpoint of ${id}`)])
    report.found(`left on the machine: ${left}`);
}

/** Until sandboxes and sessions are as they are to be when nobody calls. */
async function untilFigures(
  { berth, report }: JudgeParts,
  expected: Readonly<Record<string, number>>,
): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += 250) {
    const metrics = await berth.metrics();
    const wrong = Object.entries(expected).flatMap(([name, count]) => {
      const found = Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(metrics)?.[1]);
      return found === count ? [] : [`${name} is ${found} instead of ${count} when nobody calls`];
    });
    if (wrong.length === 0) return;
    if (waitedMs >= restLimitMs) return wrong.forEach((finding) => report.found(finding));
    await sleep(250);
  }
}
