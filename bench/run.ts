/**
 * Benchmarks on this machine, by hand; method and measured figures are in bench/README.md.
 *
 *   npm run bench -- NAME    cold-start | relay | bodies | streams
 */
import { bodies } from './bodies.ts';
import { coldStart } from './cold-start.ts';
import { describeMachine } from './figures.ts';
import { relay } from './relay.ts';
import { streams } from './streams.ts';

const benchmarks: Readonly<Record<string, () => Promise<void>>> = {
  'cold-start': coldStart,
  relay,
  bodies,
  streams,
};

const [name = ''] = process.argv.slice(2);
const benchmark = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
if (benchmark === undefined) {
  console.log(`usage: npm run bench -- NAME

  cold-start  the first answer of a new session, against the same root file system under \`runc run\`
  relay       requests of a warm session through Berth, its data plane alone, nginx, and straight to the sandbox
  bodies      100 MB in and 100 MB out, by the same ways
  streams     the delay of events by the same ways, and 9,000 streams at once

Needs Linux, root, what scripts/setup.sh installs, and nginx for all but the first.`);
  process.exitCode = name === '' || name === '--help' ? 0 : 2;
} else {
  console.log(`${name} on ${await describeMachine()}\n`);
  await benchmark();
}
