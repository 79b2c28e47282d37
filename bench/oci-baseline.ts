import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { enginePrograms } from '../src/sandboxes/containerd/engine-programs.ts';
import { type BenchIsolation, runtimeOf } from './bench-isolation.ts';

const run = promisify(execFile);

let prepared = 0;

/**
 * The root file system of an OCI layout, started with the engine's own OCI runtime and nothing else, in a network namespace that the
 * host reaches.
 */
export class OciBaseline {
  readonly #folder: string;
  readonly #runtime: string;
  readonly #program: string;
  readonly #name: string;
  readonly #hostAddress: string;
  readonly #agentAddress: string;
  #runs = 0;

  private constructor(folder: string, runtime: string, program: string) {
    this.#folder = folder;
    this.#runtime = runtime;
    this.#program = program;
    prepared += 1;
    this.#name = `bench${process.pid}-${prepared}`;
    // RFC 2544 keeps these addresses for benchmarks.
    this.#hostAddress = `198.18.77.${prepared * 4 + 1}`;
    this.#agentAddress = `198.18.77.${prepared * 4 + 2}`;
  }

  static async prepare(layout: string, isolation: BenchIsolation): Promise<OciBaseline> {
    const runtime = runtimeOf[isolation];
    const found = await enginePrograms({ choice: 'auto' }).find(runtime);
    if (found === undefined) throw new Error(`The engine has no ${runtime}.`);
    const folder = await mkdtemp(join(tmpdir(), 'berth-bench-'));
    const baseline = new OciBaseline(folder, runtime, found.path);
    try {
      await baseline.#makeNetwork();
      await baseline.#makeBundle(layout);
      return baseline;
    } catch (error) {
      await baseline.destroy();
      throw error;
    }
  }

  /** Milliseconds from the start of `run` until the agent has answered /ping. */
  async startOnceMs(): Promise<number> {
    const id = this.#nextId();
    try {
      return await this.#untilPingMs(['run', '--bundle', this.#folder, id]);
    } finally {
      await this.#remove(id);
    }
  }

  /** gVisor only: milliseconds of a checkpoint to a folder on disk, and from the start of `restore` until /ping is answered. */
  async checkpointMs(): Promise<{ readonly checkpoint: number; readonly restore: number }> {
    const [first, second] = [this.#nextId(), this.#nextId()];
    const image = join(this.#folder, 'checkpoint');
    try {
      await this.#untilPingMs(['run', '--bundle', this.#folder, first]);
      const startedAt = performance.now();
      await run(this.#program, this.#args(['checkpoint', '--image-path', image, first]));
      const checkpoint = performance.now() - startedAt;
      await this.#remove(first);
      const restore = ['restore', '--bundle', this.#folder, '--image-path', image, second];
      return { checkpoint, restore: await this.#untilPingMs(restore) };
    } finally {
      for (const id of [first, second]) await this.#remove(id);
      await rm(image, { recursive: true, force: true });
    }
  }

  async destroy(): Promise<void> {
    await run('ip', ['netns', 'delete', this.#name]).catch(() => {});
    // gVisor keeps an empty network namespace there.
    await run('umount', [join(this.#folder, 'state/null-netns')]).catch(() => {});
    await rm(this.#folder, { recursive: true, force: true });
  }

  #nextId(): string {
    this.#runs += 1;
    return `${this.#name}-${this.#runs}`;
  }

  #args(args: readonly string[]): readonly string[] {
    // As Berth has it: what an agent writes is on disk.
    const own = this.#runtime === runtimeOf.gvisor ? ['--overlay2=none'] : [];
    return ['--root', join(this.#folder, 'state'), ...own, ...args];
  }

  async #untilPingMs(args: readonly string[]): Promise<number> {
    // gVisor takes the address off the link, for its own network stack.
    const address = `${this.#agentAddress}/30`;
    await run('ip', ['-n', this.#name, 'address', 'replace', address, 'dev', 'eth0']);
    const startedAt = performance.now();
    const child = spawn(this.#program, this.#args(args), { stdio: 'ignore' });
    while (!(await answersPing(this.#agentAddress))) {
      if (child.exitCode !== null) throw new Error(`${this.#runtime} ended with ${child.exitCode}.`);
      if (performance.now() - startedAt > 30_000) throw new Error('No answer from the agent in 30 s.');
      await sleep(1);
    }
    return performance.now() - startedAt;
  }

  async #remove(id: string): Promise<void> {
    await run(this.#program, this.#args(['delete', '--force', id])).catch(() => {});
  }

  async #makeNetwork(): Promise<void> {
    const name = this.#name;
    await run('ip', ['netns', 'add', name]);
    await run('ip', ['link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name]);
    await run('ip', ['address', 'add', `${this.#hostAddress}/30`, 'dev', name]);
    await run('ip', ['link', 'set', name, 'up']);
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
    await run(this.#program, ['spec', '--bundle', this.#folder]);
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

function answersPing(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host, port: 8080, path: '/ping', agent: false }, (response) => {
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
