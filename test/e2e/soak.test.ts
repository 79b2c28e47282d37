import assert from 'node:assert/strict';
import { it } from 'node:test';
import { soak } from '../soak/soak.ts';
import { verifies } from '../requirements.ts';

/** A short one; `npm run soak` makes a long one. */
const durationMs = 75_000;

it(
  'random use and random harm end with no lost session and nothing left behind',
  { timeout: 300_000 },
  async (context) => {
    verifies('restart:soak');
    const seed = Math.floor(Math.random() * 2 ** 31);
    context.diagnostic(`seed ${seed}`);
    const lines: string[] = [];
    const report = await soak({
      durationMs,
      seed,
      callers: 4,
      pauseMs: 300,
      tell: (line) => lines.push(line),
    });
    context.diagnostic(`\n${report.table()}`);
    assert.deepEqual(report.findings, [], `seed ${seed}\n${lines.join('\n')}`);
    assert.ok(report.done('call') > 20 && report.done('begin') > 5);
    for (const own of ['way to disk', 'way back', 'refill of a pool']) assert.ok(report.done(own) > 0, own);
  },
);
