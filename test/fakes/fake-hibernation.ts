import type {
  RunningSandbox,
  SandboxHibernation,
  SandboxPresence,
  Waking,
} from '../../src/sandboxes/sandbox-driver.ts';
import { BerthError } from '../../src/shared/errors.ts';
import type { SandboxId } from '../../src/shared/ids.ts';

/** What the fake driver lends: its agents go on answering, or do not. */
export interface HibernationHost {
  /** Undefined for an unknown one. */
  readonly find: (id: SandboxId) => RunningSandbox | undefined;
  /** Nothing listens any more; its memory, in this process, is kept. */
  readonly silence: (id: SandboxId) => Promise<void>;
  /** It listens at another address. */
  readonly listenAgain: (id: SandboxId) => Promise<RunningSandbox>;
}

export type HibernationStep = 'checkpoint' | 'kept' | 'park' | 'load' | 'commit' | 'run';

/** Hibernation of fake sandboxes, whose steps can fail, or be where a server is killed. */
export class FakeHibernation implements SandboxHibernation {
  readonly #host: HibernationHost;
  readonly #presence = new Map<SandboxId, SandboxPresence>();
  readonly steps: HibernationStep[] = [];
  /** Called before each step: may throw, or never settle, as for a server that is killed there. */
  before: (step: HibernationStep) => Promise<void> | void = () => {};
  /** When set, the engine does not say what there is. */
  failure: BerthError | undefined;

  constructor(host: HibernationHost) {
    this.#host = host;
  }

  canHibernate(isolation: string): boolean {
    return isolation === 'gvisor';
  }

  async checkpoint<Kept>(id: SandboxId, keep: (folder: string) => Promise<Kept>): Promise<Kept> {
    this.#require(id);
    await this.#step('checkpoint');
    const kept = await keep(`/memory/${id}`);
    await this.#step('kept');
    return kept;
  }

  async goOn(id: SandboxId): Promise<void> {
    this.#require(id);
  }

  async park(id: SandboxId): Promise<void> {
    this.#require(id);
    await this.#step('park');
    await this.#host.silence(id);
    this.#presence.set(id, 'parked');
  }

  async wake(id: SandboxId, { load, commit }: Waking, signal: AbortSignal): Promise<RunningSandbox> {
    this.#require(id);
    await this.#step('load');
    await load(`/memory/${id}`);
    signal.throwIfAborted();
    this.#presence.set(id, 'created');
    await this.#step('commit');
    await commit();
    await this.#step('run');
    return this.finishWaking(id);
  }

  async finishWaking(id: SandboxId): Promise<RunningSandbox> {
    if (this.#presence.get(id) === undefined || this.#presence.get(id) === 'running')
      return this.#require(id);
    this.#presence.set(id, 'running');
    return this.#host.listenAgain(id);
  }

  async presence(id: SandboxId): Promise<SandboxPresence> {
    if (this.failure !== undefined) throw this.failure;
    if (this.#host.find(id) === undefined) return 'gone';
    return this.#presence.get(id) ?? 'running';
  }

  /** As after a reboot: nothing runs, disks are there. */
  async reboot(id: SandboxId): Promise<void> {
    await this.#host.silence(id);
    this.#presence.set(id, 'parked');
  }

  async #step(step: HibernationStep): Promise<void> {
    await this.before(step);
    this.steps.push(step);
  }

  #require(id: SandboxId): RunningSandbox {
    const found = this.#host.find(id);
    if (found === undefined) throw new BerthError('not-found', `There is no sandbox ${id}.`);
    return found;
  }
}
