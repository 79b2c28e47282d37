import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { promisify } from 'node:util';
import { constants } from 'node:os';
import { endWhenQuiet } from '../../src/sandboxes/end-when-quiet.ts';
import { signalTree } from '../../src/sandboxes/process-tree.ts';
import type { ExecSpec, SandboxProcess, TerminalSize } from '../../src/sandboxes/sandbox-process.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { BerthError } from '../../src/shared/errors.ts';

/** A program of this machine, as this user; with a terminal, inside `script`. Its time is the machine's. */
export class FakeExec implements SandboxProcess {
  readonly exit: Promise<number>;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly #child: ChildProcess;
  readonly #hasTerminal: boolean;
  readonly #onOver: () => void;
  #isOver = false;

  private constructor(child: ChildProcess, hasTerminal: boolean, onOver: () => void) {
    const { stdin, stdout, stderr } = child;
    if (stdin === null || stdout === null || stderr === null) throw new Error('A child has no streams.');
    this.#child = child;
    this.#hasTerminal = hasTerminal;
    this.#onOver = onOver;
    this.stdin = stdin.on('error', () => {});
    this.stdout = stdout;
    this.stderr = hasTerminal ? Readable.from([]) : stderr;
    this.exit = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#isOver = true;
        stdin.destroy();
        for (const output of [stdout, stderr])
          if (output instanceof Socket) void endWhenQuiet(output, systemClock);
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
      });
    });
  }

  static async start(
    { args, environment, terminal }: ExecSpec,
    env: Readonly<Record<string, string>>,
    onOver: () => void,
  ): Promise<FakeExec> {
    const [program = '', ...rest] = terminal === undefined ? args : inTerminal(args, terminal);
    const path = `${dirname(process.execPath)}:/usr/bin:/bin`;
    const child = spawn(program, rest, {
      cwd: tmpdir(),
      env: { PATH: path, SHELL: '/bin/sh', ...env, ...environment },
      detached: true,
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', () =>
        reject(new BerthError('runtime-client-error', `The image has no program ${program}.`)),
      );
    });
    return new FakeExec(child, terminal !== undefined, onOver);
  }

  async resize({ columns, rows }: TerminalSize): Promise<void> {
    const { pid } = this.#child;
    if (!this.#hasTerminal || this.#isOver || pid === undefined) return;
    const [inner] = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ');
    const tty = await readlink(`/proc/${inner}/fd/0`);
    await promisify(execFile)('stty', ['-F', tty, 'cols', String(columns), 'rows', String(rows)]);
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const { pid } = this.#child;
    if (this.#isOver || pid === undefined) return;
    const processes = async () => (await readdir('/proc')).map(Number).filter((number) => number > 1);
    await signalTree({ processes, clock: systemClock }, pid, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill('SIGKILL');
    await this.exit;
    this.#onOver();
    for (const stream of [this.stdin, this.stdout, this.stderr]) stream.destroy();
  }
}

function inTerminal(args: readonly string[], { columns, rows }: TerminalSize): readonly string[] {
  const quoted = args.map((text) => `'${text.replaceAll("'", String.raw`'\''`)}'`).join(' ');
  return ['script', '-qec', `stty cols ${columns} rows ${rows}; exec ${quoted}`, '/dev/null'];
}
