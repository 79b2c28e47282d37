/**
 * Benchmarks on this machine, by hand; method and measured figures are in bench/README.md.
 *
 *   npm run bench -- NAME [COUNT]
 */
import { bodies } from './bodies.ts';
import { burst } from './burst.ts';
import { coldStart } from './cold-start.ts';
import { density } from './density.ts';
import { describeMachine } from './figures.ts';
import { freeze } from './freeze.ts';
import { hibernate } from './hibernate.ts';
import { lazyPull } from './lazy-pull.ts';
import { networkSlots } from './network-slots.ts';
import { relay } from './relay.ts';
import { restart } from './restart.ts';
import { streams } from './streams.ts';
import { warmClaim } from './warm-claim.ts';

interface Benchmark {
  readonly run: (count?: number) => Promise<void>;
  readonly shows: string;
}

const benchmarks: Readonly<Record<string, Benchmark>> = {
  'cold-start': {
    run: coldStart,
    shows:
      'the first answer of a new session, against the same root file system under `runc run` or `runsc run`',
  },
  'warm-claim': {
    run: warmClaim,
    shows: 'the first answer of a session that gets a pooled sandbox, against a warm one; COUNT claims',
  },
  burst: { run: burst, shows: 'COUNT new sessions at once, against one after the other' },
  density: {
    run: density,
    shows: 'COUNT idle sandboxes: what agent, shim and server take for each, and frozen',
  },
  freeze: {
    run: freeze,
    shows: 'the call that wakes a frozen sandbox, against the next one; COUNT sandboxes',
  },
  relay: {
    run: relay,
    shows:
      'requests of a warm session through Berth, its data plane alone, nginx, and straight to the sandbox',
  },
  bodies: { run: bodies, shows: '100 MB in and 100 MB out, by the same ways' },
  streams: { run: streams, shows: 'the delay of events by the same ways, and 9,000 streams at once' },
  restart: { run: restart, shows: '`kill -9` and a new start, without sessions and with 100 live ones' },
  'network-slots': { run: networkSlots, shows: 'network slots beyond one bridge, and what a policy costs' },
  'lazy-pull': {
    run: lazyPull,
    shows: 'the first answer of an agent with an image of 500 MB, fetched whole and lazily',
  },
  hibernate: {
    run: hibernate,
    shows: "a gVisor session's way to disk, and the call that wakes it, against the first call of a new one",
  },
};

const [name = '', count] = process.argv.slice(2);
const benchmark = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
if (benchmark === undefined) {
  const lines = Object.entries(benchmarks).map(([known, { shows }]) => `  ${known.padEnd(14)} ${shows}`);
  console.log(`usage: npm run bench -- NAME [COUNT]

${lines.join('\n')}

Needs Linux, root, what scripts/setup.sh installs, nginx for relay, bodies and streams, and Go for lazy-pull.`);
  process.exitCode = name === '' || name === '--help' ? 0 : 2;
} else {
  console.log(`${name} on ${await describeMachine()}\n`);
  await benchmark.run(count === undefined ? undefined : Number(count));
}
