import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

// RFC 2544 keeps these addresses for benchmarks.
const hostAddress = '198.18.77.1';
const agentAddress = '198.18.77.2';

/** The root file system of an OCI layout, started with plain `runc run` in a network namespace that the host reaches. */
export class RuncBaseline {
  readonly #folder: string;
  readonly #name: string;
  #runs = 0;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#name = `bench${process.pid}`;
  }

  static async prepare(layout: string): Promise<RuncBaseline> {
    const baseline = new RuncBaseline(await mkdtemp(join(tmpdir(), 'berth-bench-')));
    try {
      await baseline.#makeNetwork();
      await baseline.#makeBundle(layout);
      return baseline;
    } catch (error) {
      await baseline.destroy();
      throw error;
    }
  }

  /** Milliseconds from the start of `runc run` until the agent has answered /ping. */
  async startOnceMs(): Promise<number> {
    this.#runs += 1;
    const id = `${this.#name}-${this.#runs}`;
    const startedAt = performance.now();
    const child = spawn('runc', ['run', '--bundle', this.#folder, id], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      while (!(await answersPing())) {
        if (child.exitCode !== null) throw new Error(`runc run ended with ${child.exitCode}.`);
        if (performance.now() - startedAt > 30_000) throw new Error('No answer from the agent in 30 s.');
        await sleep(1);
      }
      return performance.now() - startedAt;
    } finally {
      await run('runc', ['kill', id, 'KILL']).catch(() => child.kill('SIGKILL'));
      await ended;
      await run('runc', ['delete', '--force', id]).catch(() => {});
    }
  }

  async destroy(): Promise<void> {
    await run('ip', ['netns', 'delete', this.#name]).catch(() => {});
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #makeNetwork(): Promise<void> {
    const name = this.#name;
    await run('ip', ['netns', 'add', name]);
    await run('ip', ['link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name]);
    await run('ip', ['address', 'add', `${hostAddress}/30`, 'dev', name]);
    await run('ip', ['link', 'set', name, 'up']);
    await run('ip', ['-n', name, 'address', 'add', `${agentAddress}/30`, 'dev', 'eth0']);
    for (const link of ['lo', 'eth0']) await run('ip', ['-n', name, 'link', 'set', link, 'up']);
  }

  async #makeBundle(layout: string): Promise<void> {
    const rootfs = join(this.#folder, 'rootfs');
    await mkdir(rootfs);
    const blob = (digest: string) => join(layout, 'blobs', digest.replace(':', '/'));
    const index = (await readJson(join(layout, 'index.json'))) as { manifests: [{ digest: string }] };
    const manifest = (await readJson(blob(index.manifests[0].digest))) as {
      config: { digest: string };
      layers: { digest: string }[];
    };
    for (const layer of manifest.layers)
      await run('tar', ['-xzf', blob(layer.digest), '-C', rootfs, '--numeric-owner', '--same-owner']);

    const { config } = (await readJson(blob(manifest.config.digest))) as {
      config: { Env: string[]; Cmd: string[]; WorkingDir: string; User: string };
    };
    await run('runc', ['spec', '--bundle', this.#folder]);
    const file = join(this.#folder, 'config.json');
    const spec = (await readJson(file)) as {
      process: object;
      root: object;
      linux: { namespaces: { type: string; path?: string }[] };
    };
    const user = await userIds(join(rootfs, 'etc/passwd'), config.User);
    const { Env: env, Cmd: args, WorkingDir: cwd } = config;
    spec.process = { ...spec.process, terminal: false, args, env, cwd, user };
    spec.root = { path: 'rootfs', readonly: false };
    for (const namespace of spec.linux.namespaces)
      if (namespace.type === 'network') namespace.path = `/run/netns/${this.#name}`;
    await writeFile(file, JSON.stringify(spec));
  }
}

function answersPing(): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: agentAddress, port: 8080, path: '/ping', agent: false }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode === 200));
    });
    request.once('error', () => resolve(false));
  });
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}

async function userIds(passwd: string, name: string): Promise<{ uid: number; gid: number }> {
  const lines = (await readFile(passwd, 'utf8')).split('\n').map((line) => line.split(':'));
  const [, , uid, gid] = lines.find(([user]) => user === name) ?? [];
  if (uid === undefined || gid === undefined) throw new Error(`The image has no user '${name}'.`);
  return { uid: Number(uid), gid: Number(gid) };
}
