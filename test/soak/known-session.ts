import type { HelloAnswer } from '../../scripts/quickstart/agents.ts';
import type { SoakRuntime } from './soak-runtimes.ts';

/** A server writes down late, by so much at most, that a session was in use. */
const activityLagMs = 1_000;

export interface KnownSessionParts {
  readonly id: string;
  readonly runtime: Pick<SoakRuntime, 'name' | 'deployed' | 'sleepsAfterMs' | 'freezes'>;
  readonly nowMs: () => number;
}

/** What a soak knows of one session id, to compare it with what its agent says. */
export class KnownSession {
  readonly id: string;
  readonly runtime: KnownSessionParts['runtime'];
  #bootId: string | undefined;
  /** Told and acknowledged since its sandbox began. */
  #told: string[] = [];
  #mayBeGone = false;
  #isBusy = false;
  #restsUntilMs = 0;
  readonly #nowMs: () => number;
  #usedAtMs: number;
  /** The call that is under way may be what brings it back from disk. */
  #mayWake = false;
  #hasMetEngineKill = false;

  constructor({ id, runtime, nowMs }: KnownSessionParts) {
    this.id = id;
    this.runtime = runtime;
    this.#nowMs = nowMs;
    this.#usedAtMs = nowMs();
  }

  get isLive(): boolean {
    return this.#bootId !== undefined;
  }

  /** Nobody calls it, and it is not left alone: one call at a time, as a conversation has it. */
  get isFree(): boolean {
    return !this.#isBusy && this.#nowMs() >= this.#restsUntilMs;
  }

  /** It is not called for so long. */
  rest(ms: number): void {
    this.#restsUntilMs = this.#nowMs() + ms;
  }

  /** A call of it begins. */
  begin(): void {
    const { sleepsAfterMs } = this.runtime;
    const idleMs = this.#nowMs() - this.#usedAtMs + activityLagMs;
    this.#isBusy = true;
    this.#mayWake = sleepsAfterMs !== undefined && idleMs >= sleepsAfterMs;
    this.#hasMetEngineKill = false;
  }

  /**
   * The call is over. One that wakes a session, and that containerd's death broke off, may leave the session ended: of memory that may
   * have run nothing is woken again (docs/decisions/0021). Nothing else that is killed may end one.
   */
  finish(isDone: boolean): void {
    this.#isBusy = false;
    if (isDone) this.#usedAtMs = this.#nowMs();
    else if (this.#hasMetEngineKill) this.#mayBeGone = true;
  }

  /** Containerd was killed just now. */
  engineKilled(): void {
    if (this.#isBusy && this.#mayWake) this.#hasMetEngineKill = true;
  }

  /** The processes of its sandbox were killed, or a stop of it was broken off: the next answer may be the beginning of a new one. */
  mayHaveEnded(): void {
    this.#mayBeGone = true;
  }

  /** Returns what is wrong with an answer, if anything. */
  heard({ bootId, heard }: HelloAnswer, prompt: string): string | undefined {
    const before = this.#bootId;
    const mayBeGone = this.#mayBeGone;
    const name = `the session ${this.id} of ${this.runtime.name}`;
    this.#bootId = bootId;
    this.#mayBeGone = false;
    if (before !== bootId) {
      const told = this.#told;
      this.#told = [prompt];
      if (before === undefined || mayBeGone) return undefined;
      return `${name} was lost: it had heard ${told.length} prompts, and began anew`;
    }
    const missing = this.#told.filter((known) => !heard.includes(known));
    this.#told.push(prompt);
    return missing.length === 0 ? undefined : `${name} forgot ${missing.join(', ')}`;
  }
}
