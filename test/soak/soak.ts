import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../src/shared/errors.ts';
import { seededWhole } from '../fakes/seeded.ts';
import { BerthFixture } from '../fixture/berth-fixture.ts';
import { Conversations, pick } from './conversations.ts';
import { disrupt, disruptionNames, disruptions } from './disruptions.ts';
import { judge, judgeEnd } from './judge.ts';
import { SoakReport } from './soak-report.ts';
import { deploySoakRuntimes } from './soak-runtimes.ts';

export interface SoakOptions {
  readonly durationMs: number;
  /** The same one makes the same choices; what the machine makes of them may differ. */
  readonly seed: number;
  /** Conversations at a time. */
  readonly callers: number;
  /** A caller pauses for up to so long between two calls. */
  readonly pauseMs: number;
  readonly tell: (line: string) => void;
}

/** Prepared slots and disks: starts in flight, twice. */
const startsInFlight = 2;
const roundMs = 8_000;

/** Uses a server of its own and does it harm, at random, until the time is over; then looks at what is left. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const report = new SoakReport(options);
  const random = seededWhole(options.seed);
  const berth = await BerthFixture.start({
    BERTH_STARTS_IN_FLIGHT: String(startsInFlight),
    BERTH_DRAIN_TIMEOUT: '5s',
    // Idle sessions are looked at with each health check.
    BERTH_PING_INTERVAL: '250ms',
  });
  try {
    const runtimes = await deploySoakRuntimes(berth);
    const conversations = new Conversations({ ...options, berth, runtimes, report, random });
    const parts: SoakParts = { ...options, berth, report, random, conversations };
    const endsAt = performance.now() + options.durationMs;
    for (let round = 1; performance.now() < endsAt && report.findings.length < 20; round += 1)
      await play(round, parts);
    await judge({ ...parts, prepared: 2 * startsInFlight });
    await judgeEnd(parts);
  } catch (error) {
    // Without a server there is nothing to go on with; what was found tells why.
    report.found(`the soak broke off: ${messageOf(error)}`);
  } finally {
    if (report.findings.length > 0) options.tell(await berth.process.lastLogLines(200));
    await berth.destroy();
  }
  return report;
}

interface SoakParts extends SoakOptions {
  readonly berth: BerthFixture;
  readonly report: SoakReport;
  readonly random: (below: number) => number;
  readonly conversations: Conversations;
}

/** One round: something is done to the server while callers use it. */
async function play(round: number, parts: SoakParts): Promise<void> {
  const { berth, report, random, conversations, tell } = parts;
  const disruption = pick(disruptionNames, random);
  tell(
    `round ${round}: ${disruption}; ${conversations.sessions.length} sessions, ${report.findings.length} findings`,
  );
  conversations.mayFail = !disruptions[disruption].isHarmless;
  const isOver = new AbortController();
  const work = conversations.goOn(isOver.signal);
  await sleep(random(roundMs / 2));
  const harm = () => disrupt(berth, disruption, () => conversations.engineKilled());
  await report.timed(disruption, harm, () => false);
  await sleep(random(roundMs / 2));
  isOver.abort();
  await work;
  await untilReady(parts);
  conversations.mayFail = false;
  await conversations.checkFree();
}

async function untilReady({ berth, report }: SoakParts): Promise<void> {
  for (let attempt = 0; attempt < 120; attempt += 1) {
    const isReady = await fetch(`${berth.server.url}/readyz`)
      .then(({ ok }) => ok)
      .catch(() => false);
    if (isReady) return;
    await sleep(250);
  }
  report.found('the server is not ready 30 s after the last disruption');
}
