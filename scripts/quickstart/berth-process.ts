import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const berth = resolve(import.meta.dirname, '../../bin/berth');

export interface ServerAccess {
  readonly url: string;
  readonly home: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A Berth server as a process of its own, with a home and a port that nobody else uses; the same ones after a restart. */
export class BerthProcess {
  readonly #environment: Readonly<Record<string, string>>;
  #home: string | undefined;
  #port: number | undefined;
  #child: ChildProcess | undefined;
  #output = '';

  /** `environment` holds further BERTH_ variables. */
  constructor(environment: Readonly<Record<string, string>> = {}) {
    this.#environment = environment;
  }

  get home(): string {
    if (this.#home === undefined) throw new Error('The server was not started.');
    return this.#home;
  }

  /** The server's process id. */
  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('The server is not running.');
    return this.#child.pid;
  }

  /** Starts the server and waits until it is ready. */
  async start(): Promise<ServerAccess> {
    this.#home ??= await mkdtemp(join(tmpdir(), 'berth-'));
    this.#port ??= await freePort();
    const url = `http://127.0.0.1:${this.#port}`;
    this.#spawn(['up', '--home', this.#home, '--listen', `127.0.0.1:${this.#port}`]);
    const child = this.#child;
    for (;;) {
      if (child?.exitCode !== null)
        throw new Error(`The server ended with ${child?.exitCode}:\n${this.#output}`);
      const isReady = await fetch(`${url}/readyz`).then(
        (answer) => answer.ok,
        () => false,
      );
      if (isReady) break;
      await sleep(50);
    }
    const credentials = JSON.parse(await readPrivately(join(this.#home, 'credentials'))) as ServerAccess;
    return { ...credentials, url, home: this.#home };
  }

  /** `kill -9`: nothing is said, nothing is put in order. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM, and waits until it has ended. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Ends the server, its sandboxes and its engine, and removes its home. */
  async destroy(): Promise<void> {
    if (this.#home === undefined) return;
    if (this.#child?.exitCode === null)
      await this.#elevated(berth, ['down', '--sessions', '--home', this.#home]).catch(() => {});
    await this.#end('SIGTERM');
    await this.#elevated('rm', ['-rf', '--one-file-system', this.#home]).catch(() =>
      rm(this.home, { force: true, recursive: true }),
    );
  }

  async lastLogLines(count = 30): Promise<string> {
    return this.#output.split('\n').slice(-count).join('\n');
  }

  #spawn(args: readonly string[]): void {
    const env = { ...process.env, ...this.#environment };
    const child =
      process.getuid?.() === 0
        ? spawn(berth, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
        : spawn('sudo', ['--preserve-env', '--', berth, ...args], {
            env,
            stdio: ['inherit', 'pipe', 'pipe'],
          });
    child.stdout?.on('data', (chunk) => (this.#output += chunk));
    child.stderr?.on('data', (chunk) => (this.#output += chunk));
    this.#child = child;
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  #elevated(command: string, args: readonly string[]) {
    return process.getuid?.() === 0 ? run(command, args) : run('sudo', ['--', command, ...args]);
  }
}

async function readPrivately(path: string): Promise<string> {
  if (process.getuid?.() === 0) return readFile(path, 'utf8');
  return (await run('sudo', ['--', 'cat', path])).stdout;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
