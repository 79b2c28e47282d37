import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
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
  /** Presses keys at the terminal. */
  press(keys: string): void;
  resize(columns: number, rows: number): void;
}

export interface FakeWorld {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string;
  readonly isTTY?: boolean;
  readonly uid?: number;
  readonly program?: string;
  readonly startServer?: CliContext['startServer'];
  readonly examine?: CliContext['examine'];
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
  const keys = new PassThrough();
  let size = { columns: 80, rows: 24 };
  const resizes: (() => void)[] = [];
  const context: CliContext = {
    env: { BERTH_HOME: join(folder, 'state'), ...world.env },
    stdin: {
      isTTY: world.isTTY === true,
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
    systemd: {
      runFolder: join(folder, 'run'),
      unitFolder: join(folder, 'units'),
      environmentFile: join(folder, 'etc', 'berth.env'),
    },
    clock: systemClock,
    random: systemRandom,
    version: '1.2.3',
    program: world.program ?? '/opt/berth/bin/berth',
    interrupted: interruption.signal,
    lendTerminal: () => ({ [Symbol.dispose]() {} }),
    openTerminal: () => ({
      keys,
      size: () => size,
      onResize: (listener) => void resizes.push(listener),
      [Symbol.dispose]: () => void keys.destroy(),
    }),
    handedDown: () => ({}),
    onHangUp: () => ({ [Symbol.dispose]() {} }),
    examine: world.examine ?? (async () => []),
    startServer: world.startServer ?? (() => Promise.reject(new Error('no server here'))),
  };
  return {
    context,
    folder,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    run: (...args) => runCli(args, context),
    press: (text) => void keys.write(text),
    resize(columns, rows) {
      size = { columns, rows };
      for (const listener of resizes) listener();
    },
    interrupt: () => interruption.abort(new Error('interrupted')),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
