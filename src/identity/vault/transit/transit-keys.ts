import { z } from 'zod';
import type { Clock } from '../../../shared/clock.ts';
import { BerthError } from '../../../shared/errors.ts';
import type { TransitEngine } from './transit-engine.ts';

export interface TransitKeysParts {
  readonly engine: Pick<TransitEngine, 'encrypt' | 'decrypt' | 'rewrap' | 'rotate'>;
  /** `mount/name` of the key that wraps from now on; others still unwrap. */
  readonly newestKey: string;
  readonly clock: Clock;
}

/** An unwrapped data key stays in memory for so long, so that a slow engine does not slow every call. */
const keptMs = 5 * 60_000;
const keptAtMost = 1_000;

/** The owner is wrapped with the key: associated data would do, but engines cannot rewrap with it. */
const wrappedSchema = z.tuple([z.string(), z.string()]);

/** Data keys, wrapped by a transit engine. */
export class TransitKeys {
  readonly #parts: TransitKeysParts;
  readonly #unwrapped = new Map<string, { readonly text: Promise<string>; readonly forget: () => void }>();

  constructor(parts: TransitKeysParts) {
    this.#parts = parts;
  }

  get newestKey(): string {
    return this.#parts.newestKey;
  }

  wrap(key: string, owner: string, dataKey: Uint8Array): Promise<string> {
    const text = JSON.stringify([owner, Buffer.from(dataKey).toString('base64')]);
    return this.#parts.engine.encrypt(key, Buffer.from(text));
  }

  /** Throws `internal` when it was wrapped for another owner. */
  async unwrap(key: string, owner: string, wrapped: string): Promise<Uint8Array> {
    const [wrappedFor, dataKey] = wrappedSchema.parse(JSON.parse(await this.#unwrap(key, wrapped)));
    if (wrappedFor === owner) return Buffer.from(dataKey, 'base64');
    throw new BerthError('internal', `The data key of ${owner} was wrapped for another owner.`);
  }

  rewrap(key: string, wrapped: string): Promise<string> {
    return this.#parts.engine.rewrap(key, wrapped);
  }

  /** Has the engine make a new version of the newest key. */
  rotate(): Promise<void> {
    return this.#parts.engine.rotate(this.#parts.newestKey);
  }

  /** Calls at the same time share one request. */
  #unwrap(key: string, wrapped: string): Promise<string> {
    const id = `${key} ${wrapped}`;
    const known = this.#unwrapped.get(id);
    if (known !== undefined) return known.text;
    const [oldest] = this.#unwrapped.values();
    if (this.#unwrapped.size >= keptAtMost) oldest?.forget();
    const { engine, clock } = this.#parts;
    const text = engine.decrypt(key, wrapped).then((plaintext) => Buffer.from(plaintext).toString());
    const cancel = clock.after(keptMs, () => this.#unwrapped.delete(id));
    const forget = () => {
      cancel();
      this.#unwrapped.delete(id);
    };
    this.#unwrapped.set(id, { text, forget });
    text.catch(forget);
    return text;
  }
}
