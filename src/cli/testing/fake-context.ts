import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../shared/clock.ts';
import { systemRandom } from '../../shared/ids.ts';
import type { CliContext, Output } from '../cli-context.ts';
import { runCli } from '../run-cli.ts';

export interface FakeContext extends AsyncDisposable {
  readonly context: CliContext;
  readonly folder: string;
  stdout(): string;
  stderr(): string;
  /** Runs a command line; returns its exit code. */
  run(...args: string[]): Promise<number>;
  interrupt(): void;
}

export interface FakeWorld {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string;
  readonly isTTY?: boolean;
  readonly uid?: number;
  readonly program?: string;
  readonly startServer?: CliContext['startServer'];
}

/** A user with an empty home folder who types commands. */
export async function fakeContext(world: FakeWorld = {}): Promise<FakeContext> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-cli-'));
  const written = { stdout: '', stderr: '' };
  const interruption = new AbortController();
  const output = (name: keyof typeof written): Output => ({
    isTTY: world.isTTY === true,
    closed: new AbortController().signal,
    async write(chunk) {
      written[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    },
  });
  const context: CliContext = {
    env: { BERTH_HOME: join(folder, 'state'), ...world.env },
    stdin: {
      isTTY: false,
      ask: () => Promise.reject(new Error('nobody is at the terminal')),
      async *[Symbol.asyncIterator]() {
        yield Buffer.from(world.stdin ?? '');
      },
    },
    stdout: output('stdout'),
    stderr: output('stderr'),
    userHome: folder,
    uid: world.uid ?? 1000,
    hostsFile: join(folder, 'hosts'),
    clock: systemClock,
    random: systemRandom,
    version: '1.2.3',
    program: world.program ?? '/opt/berth/bin/berth',
    interrupted: interruption.signal,
    lendTerminal: () => ({ [Symbol.dispose]() {} }),
    startServer: world.startServer ?? (() => Promise.reject(new Error('no server here'))),
  };
  return {
    context,
    folder,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    run: (...args) => runCli(args, context),
    interrupt: () => interruption.abort(new Error('interrupted')),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
