import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { asRoot } from '../as-root.ts';
import { freePort } from '../free-port.ts';

const run = promisify(execFile);
const usualProgram = resolve(import.meta.dirname, '../../bin/berth');

export interface ServerAccess {
  readonly url: string;
  readonly home: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface BerthProcessOptions {
  /** Further BERTH_ variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A new folder when not set. */
  readonly home?: string;
  /** Absolute; another `berth` than that of this clone. */
  readonly program?: string;
}

/**
 * A Berth server in the background, with a home and a port that nobody else uses; the same ones after a restart. It runs as
 * root, by sudo if need be, and is dealt with as a user deals with it: it is no child of this process.
 */
export class BerthProcess {
  readonly #environment: Readonly<Record<string, string>>;
  readonly #program: string;
  #home: string | undefined;
  #port: number | undefined;
  #pid: number | undefined;

  constructor({ environment = {}, home, program = usualProgram }: BerthProcessOptions = {}) {
    this.#environment = environment;
    this.#program = program;
    this.#home = home;
  }

  get home(): string {
    if (this.#home === undefined) throw new Error('The server was not started.');
    return this.#home;
  }

  get pid(): number {
    if (this.#pid === undefined) throw new Error('The server is not running.');
    return this.#pid;
  }

  /** Starts the server and waits until it is ready. */
  async start(): Promise<ServerAccess> {
    this.#home ??= await mkdtemp(join(tmpdir(), 'berth-'));
    this.#port ??= await freePort();
    const { home } = this;
    const listen = `127.0.0.1:${this.#port}`;
    const { stdout } = await this.#asRoot(
      this.#program,
      'up',
      '-d',
      '--home',
      home,
      '--listen',
      listen,
      '--json',
    );
    const { url, pid } = JSON.parse(stdout) as { url: string; pid: number };
    this.#pid = pid;
    const credentials = (await this.#asRoot('cat', join(home, 'credentials'))).stdout;
    return { ...(JSON.parse(credentials) as Omit<ServerAccess, 'home'>), url, home };
  }

  /** Whether it runs still; one that took over from it counts. */
  async isRunning(): Promise<boolean> {
    return this.#pid !== undefined && (await isAlive(this.#pid));
  }

  /** `kill -9`: nothing is said, nothing is put in order. */
  async kill(): Promise<void> {
    const { pid } = this;
    await this.#asRoot('kill', '-9', String(pid));
    while (await isAlive(pid)) await sleep(5);
    this.#pid = undefined;
  }

  /** Has it replaced by a new process, which is this one's from then on. `flags` are of `berth up`. */
  async upgrade(...flags: readonly string[]): Promise<void> {
    const { stdout } = await this.#asRoot(this.#program, 'upgrade', '--home', this.home, '--json', ...flags);
    this.#pid = (JSON.parse(stdout) as { pid: number }).pid;
  }

  /** Drains it; its sandboxes go on running. */
  async stop(): Promise<void> {
    await this.#asRoot(this.#program, 'down', '--home', this.home);
    this.#pid = undefined;
  }

  /** Ends the server, its sandboxes and its engine, and removes its home. */
  async destroy(): Promise<void> {
    if (this.#home === undefined) return;
    await this.#asRoot(this.#program, 'down', '--sessions', '--home', this.#home);
    await this.#asRoot('rm', '-rf', '--one-file-system', this.#home, `${this.#home}-ca`);
    this.#home = undefined;
    this.#pid = undefined;
  }

  async lastLogLines(count = 30): Promise<string> {
    if (this.#home === undefined) return '';
    return (await this.#asRoot('tail', '-n', String(count), join(this.#home, 'server.log'))).stdout;
  }

  #asRoot(...command: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    // Without SUDO_UID: this server is not to become the one that the user's own commands talk to.
    const withoutUser = ['env', '-u', 'SUDO_UID', '-u', 'SUDO_GID', ...command];
    const [program, ...args] = asRoot(withoutUser, Object.keys(this.#environment));
    return run(program, args, { env: { ...process.env, ...this.#environment } });
  }
}

async function isAlive(pid: number): Promise<boolean> {
  const { stdout } = await run('ps', ['-o', 'stat=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout !== '' && !stdout.startsWith('Z');
}
