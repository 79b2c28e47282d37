/**
 * Uses a server of its own and does it harm, at random; ends with a table of what was done and found, and fails when it found
 * anything.
 *
 *   npm run soak                             ten minutes
 *   npm run soak -- --minutes 60 --seed 7    an hour, with the choices of seed 7
 *   npm run soak -- --callers 2 --pause 3000 fewer calls: so many conversations, that pause for up to so many milliseconds
 */
import { parseArgs } from 'node:util';
import { soak } from '../test/soak/soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    callers: { type: 'string', default: '4' },
    pause: { type: 'string', default: '300' },
  },
});

const seed = Number(values.seed);
console.log(`seed ${seed}, ${values.minutes} minutes`);
const report = await soak({
  durationMs: Number(values.minutes) * 60_000,
  seed,
  callers: Number(values.callers),
  pauseMs: Number(values.pause),
  tell: console.log,
});
console.log(`\n${report.table()}\n`);
for (const finding of report.findings) console.log(`found: ${finding}`);
console.log(report.findings.length === 0 ? 'No leak, no lost session.' : `Repeat with --seed ${seed}.`);
process.exitCode = report.findings.length === 0 ? 0 : 1;
