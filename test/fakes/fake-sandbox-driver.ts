import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type {
  DiskUsage,
  EngineReport,
  ImagePreparation,
  ListedSandbox,
  RunningSandbox,
  SandboxDriver,
  SandboxExit,
  SandboxSpec,
  SandboxUsage,
  SweepReport,
} from '../../src/sandboxes/sandbox-driver.ts';
import { type ExecSpec, execsPerSandbox, type SandboxProcess } from '../../src/sandboxes/sandbox-process.ts';
import type { Digest } from '../../src/images/digest.ts';
import type { Clock } from '../../src/shared/clock.ts';
import { BerthError } from '../../src/shared/errors.ts';
import type { SandboxId } from '../../src/shared/ids.ts';
import { FakeExec } from './fake-exec.ts';
import { FakeHibernation } from './fake-hibernation.ts';

/** What runs in a fake sandbox. */
export interface FakeAgent {
  /** Undefined: nothing listens. */
  readonly onRequest?: RequestListener;
  /** Undefined: requests to upgrade are `onRequest`'s. */
  readonly onUpgrade?: UpgradeListener;
  /** 8080 when not set. */
  readonly port?: number;
  /** Called at SIGTERM; the sandbox is gone when it resolves. */
  readonly onStop?: (graceMs: number) => Promise<void>;
}

export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

interface FakeSandbox {
  readonly spec: SandboxSpec;
  readonly sandbox: RunningSandbox;
  readonly agent: FakeAgent;
  readonly server: FakeServer | undefined;
  readonly exited: PromiseWithResolvers<SandboxExit>;
  readonly execs: Set<FakeExec>;
  removing: Promise<void> | undefined;
  readonly ice: Ice;
}

/** What holds back requests to a frozen agent. */
interface Ice {
  thawed: PromiseWithResolvers<void> | undefined;
}

/** Makes the agent of a sandbox; may throw what a start rejects with. */
export type FakeImage = (spec: SandboxSpec, host: string) => FakeAgent | Promise<FakeAgent>;

/** Runs agents as HTTP servers inside this process, each on a loopback address of its own, as an engine would on its bridge. */
export class FakeSandboxDriver implements SandboxDriver {
  readonly name = 'fake';
  /** Every start that was asked for, those that failed included. */
  readonly starts: SandboxSpec[] = [];
  readonly removals: { readonly id: SandboxId; readonly graceMs: number }[] = [];
  /** When set, the engine does not answer. */
  failure: BerthError | undefined;
  image: FakeImage;
  readonly hibernation = new FakeHibernation({
    find: (id) => this.#sandboxes.get(id)?.sandbox,
    silence: async (id) => close(this.#find(id)),
    listenAgain: (id) => this.#listenAgain(id),
  });
  readonly #clock: Clock;
  readonly #sandboxes = new Map<SandboxId, FakeSandbox>();
  // Others on this machine may run fakes, too.
  readonly #networkNumber = 1 + Math.floor(Math.random() * 250);
  readonly #subnetNumber = Math.floor(Math.random() * 256);
  #hostNumber = 0;

  constructor(parts: { readonly clock: Clock; readonly image?: FakeImage }) {
    this.#clock = parts.clock;
    this.image = parts.image ?? (() => ({}));
  }

  readonly #ended = new Set<SandboxId>();

  /** Those that have not been removed. */
  get sandboxes(): readonly RunningSandbox[] {
    return [...this.#sandboxes.values()].map(({ sandbox }) => sandbox);
  }

  /** The agent's process ends by itself. */
  async exit(id: SandboxId, how: Partial<SandboxExit> = {}): Promise<void> {
    const found = this.#find(id);
    await close(found);
    this.#ended.add(id);
    found.exited.resolve({ exitCode: 1, outOfMemory: false, exitedAtMs: this.#clock.now(), ...how });
  }

  /** Without a trace, as after a reboot. */
  async vanish(id: SandboxId): Promise<void> {
    const found = this.#find(id);
    this.#sandboxes.delete(id);
    await close(found);
    found.exited.reject(unknown(id));
    found.exited.promise.catch(() => {});
  }

  async inspectEngine(): Promise<EngineReport> {
    return { description: 'fake', isolations: ['runc'], warnings: [] };
  }

  sharesKernel(isolation: string): boolean {
    return isolation === 'runc';
  }

  async prepareLazily(_image: Digest): Promise<boolean> {
    return false;
  }

  async letGoOfLazy(_image: Digest): Promise<void> {}

  async prepareImage(_image: Digest, _preparation?: ImagePreparation): Promise<void> {}

  async forgetImage(_image: Digest): Promise<void> {}

  async restoreImage(_image: Digest): Promise<void> {}

  async lastUseOfImage(_image: Digest): Promise<number | undefined> {
    return undefined;
  }

  async start(spec: SandboxSpec, signal?: AbortSignal): Promise<RunningSandbox> {
    this.starts.push(spec);
    this.#failIfTold();
    signal?.throwIfAborted();
    const host = this.#newHost();
    const agent = await abortable(Promise.resolve(this.image(spec, host)), signal);
    const ice: Ice = { thawed: undefined };
    const server = agent.onRequest && (await listen(agent, host, ice));
    const { id, owner, image, isolation, logFile } = spec;
    const sandbox = {
      id,
      owner,
      image,
      isolation,
      address: { host },
      logFile,
      startedAtMs: this.#clock.now(),
    };
    this.#sandboxes.set(id, {
      spec,
      sandbox,
      agent,
      server,
      exited: Promise.withResolvers(),
      execs: new Set(),
      removing: undefined,
      ice,
    });
    return sandbox;
  }

  #newHost(): string {
    this.#hostNumber += 1;
    const subnet = (this.#subnetNumber + (this.#hostNumber >> 8)) & 255;
    return `127.${this.#networkNumber}.${subnet}.${this.#hostNumber & 255 || 255}`;
  }

  async #listenAgain(id: SandboxId): Promise<RunningSandbox> {
    const found = this.#find(id);
    const host = this.#newHost();
    const server = found.agent.onRequest && (await listen(found.agent, host, found.ice));
    const sandbox = { ...found.sandbox, address: { host }, startedAtMs: this.#clock.now() };
    this.#sandboxes.set(id, { ...found, sandbox, server });
    return sandbox;
  }

  /** Those of all sandboxes that run. */
  get execs(): readonly SandboxProcess[] {
    return [...this.#sandboxes.values()].flatMap(({ execs }) => [...execs]);
  }

  async exec(id: SandboxId, spec: ExecSpec, signal?: AbortSignal): Promise<SandboxProcess> {
    this.#failIfTold();
    signal?.throwIfAborted();
    const { execs, spec: sandbox } = this.#find(id);
    if (execs.size >= execsPerSandbox)
      throw new BerthError('quota-exceeded', 'Too many programs run in this session.');
    const exec = await FakeExec.start(spec, sandbox.environment, () => void execs.delete(exec));
    execs.add(exec);
    return exec;
  }

  /** What `diskUsage` says. */
  readonly usedBytes = new Map<SandboxId, DiskUsage>();

  async diskUsage(): Promise<ReadonlyMap<SandboxId, DiskUsage>> {
    const nothing = { layerBytes: 0, storageBytes: 0 };
    return new Map(this.sandboxes.map(({ id }) => [id, this.usedBytes.get(id) ?? nothing]));
  }

  async list(): Promise<readonly ListedSandbox[]> {
    this.#failIfTold();
    return [...this.#sandboxes.values()].map(({ sandbox, ice }) => ({
      ...sandbox,
      isPaused: ice.thawed !== undefined,
      hasExited: this.#ended.has(sandbox.id),
    }));
  }

  /** Every `pause` and `resume` that worked. */
  readonly pauses: { readonly id: SandboxId; readonly isPaused: boolean }[] = [];

  async pause(id: SandboxId): Promise<void> {
    this.#failIfTold();
    this.#find(id).ice.thawed ??= Promise.withResolvers();
    this.pauses.push({ id, isPaused: true });
  }

  async resume(id: SandboxId): Promise<void> {
    this.#failIfTold();
    this.#thaw(this.#find(id));
    this.pauses.push({ id, isPaused: false });
  }

  /** What `usage` says; 64 MiB when not set. */
  readonly usages = new Map<SandboxId, SandboxUsage>();

  async usage(): Promise<ReadonlyMap<SandboxId, SandboxUsage>> {
    this.#failIfTold();
    const usual = { memoryBytes: 64 * 2 ** 20, cpuMs: 0 };
    return new Map(this.sandboxes.map(({ id }) => [id, this.usages.get(id) ?? usual]));
  }

  async waitForExit(id: SandboxId, signal?: AbortSignal): Promise<SandboxExit> {
    this.#failIfTold();
    return abortable(this.#find(id).exited.promise, signal);
  }

  async remove(id: SandboxId, graceMs: number): Promise<void> {
    this.#failIfTold();
    this.removals.push({ id, graceMs });
    const found = this.#sandboxes.get(id);
    if (found === undefined) return;
    found.removing ??= this.#remove(found, graceMs);
    await found.removing;
  }

  async sweep(keep: ReadonlySet<SandboxId>): Promise<SweepReport> {
    this.#failIfTold();
    const strangers = [...this.#sandboxes.keys()].filter((id) => !keep.has(id));
    await Promise.all(strangers.map((id) => this.remove(id, 0)));
    return { repaired: strangers.length === 0 ? {} : { container: strangers.length } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#sandboxes.values()].map(close));
  }

  async #remove(found: FakeSandbox, graceMs: number): Promise<void> {
    this.#thaw(found);
    await found.agent.onStop?.(graceMs);
    await close(found);
    this.#sandboxes.delete(found.spec.id);
    found.exited.resolve({ exitCode: 143, outOfMemory: false, exitedAtMs: this.#clock.now() });
  }

  #thaw({ ice }: FakeSandbox): void {
    ice.thawed?.resolve();
    ice.thawed = undefined;
  }

  #find(id: SandboxId): FakeSandbox {
    const found = this.#sandboxes.get(id);
    if (found === undefined) throw unknown(id);
    return found;
  }

  #failIfTold(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}

function unknown(id: SandboxId): BerthError {
  return new BerthError('not-found', `There is no sandbox ${id}.`);
}

/** Closes its connections too, those that were upgraded included. Idempotent. */
interface FakeServer {
  close(): Promise<void>;
}

async function close({ server, execs }: FakeSandbox): Promise<void> {
  await Promise.all([...execs].map((exec) => exec[Symbol.asyncDispose]()));
  await server?.close();
}

function listen(
  { onRequest, onUpgrade, port = 8080 }: FakeAgent,
  host: string,
  ice: Ice,
): Promise<FakeServer> {
  return new Promise((resolve, reject) => {
    const server = createServer({ requestTimeout: 0, maxHeaderSize: 256 * 1024 }, (request, response) => {
      if (ice.thawed === undefined) onRequest?.(request, response);
      else void ice.thawed.promise.then(() => onRequest?.(request, response));
    });
    if (onUpgrade !== undefined) server.on('upgrade', onUpgrade);
    const sockets = new Set<Socket>();
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    const close = async () => {
      if (!server.listening) return;
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    };
    server.once('error', reject);
    server.listen({ host, port }, () => resolve({ close }));
  });
}

function abortable<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () =>
      reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
