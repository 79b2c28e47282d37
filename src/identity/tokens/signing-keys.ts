import type { CryptoKey } from 'jose';
import type { Clock } from '../../shared/clock.ts';
import { type RandomSource, randomText } from '../../shared/ids.ts';
import { tokenLifetimeMs } from './token-lifetime.ts';
import type { SigningKey, SigningKeyStore } from './signing-key-store.ts';

export interface UsableKey {
  readonly id: string;
  readonly key: CryptoKey;
}

export interface SigningKeysParts {
  readonly store: SigningKeyStore;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: RandomSource;
}

interface KnownKeys {
  readonly readAtMs: number;
  readonly newest: UsableKey | undefined;
  readonly newestAtMs: number;
  readonly byId: ReadonlyMap<string, UsableKey>;
}

const rotationMs = 24 * 3_600_000;
/** Another server may have made a newer key; until then it is not signed with here. */
const freshMs = 60_000;
/** Between two looks for a key that nobody here knows, whatever strangers send. */
const floorMs = 1_000;
/** From the moment a newer key was made: servers sign with the old one for `freshMs` more, and those tokens live on. */
const verifiesForMs = 2 * tokenLifetimeMs;

/**
 * The keys of workload tokens. They are in the database, so servers that take over from one another use the same ones, and what
 * one of them adds the others know within a minute.
 */
export class SigningKeys {
  readonly #parts: SigningKeysParts;
  #known: KnownKeys | undefined;

  constructor(parts: SigningKeysParts) {
    this.#parts = parts;
  }

  /** The one to sign with; made now when there is none, or when the newest is a day old. */
  async current(): Promise<UsableKey> {
    const known = await this.#fresh();
    const nowMs = this.#parts.clock.now();
    if (known.newest !== undefined && nowMs - known.newestAtMs < rotationMs) return known.newest;
    await this.#add(nowMs - rotationMs);
    const { newest } = await this.#read();
    if (newest === undefined) throw new Error('The new signing key was not kept.');
    return newest;
  }

  /** Undefined when no token of that key can be alive. */
  async find(id: string): Promise<UsableKey | undefined> {
    const key = (await this.#fresh()).byId.get(id);
    if (key !== undefined || this.#ageMs() < floorMs) return key;
    return (await this.#read()).byId.get(id);
  }

  /** Signs with a new key from now on. Tokens of the old ones stay good for as long as they live. Answers the new one's id. */
  async rotate(): Promise<string> {
    const id = await this.#add(Number.POSITIVE_INFINITY);
    await this.#read();
    return id;
  }

  /** Replaces a key that is a day old, and deletes those of which no token can be alive. To be called now and then. */
  async lookAfter(): Promise<void> {
    const { store, clock } = this.#parts;
    const keys = await store.list();
    // A server that nobody asks for tokens has no key yet.
    if (keys.length > 0) await this.current();
    const nowMs = clock.now();
    const isOver = (key: SigningKey, index: number) => {
      const next = keys[index + 1];
      return next !== undefined && nowMs - Math.max(key.createdAtMs, next.createdAtMs) > verifiesForMs;
    };
    await store.remove(keys.filter(isOver).map(({ id }) => id));
    await this.#read();
  }

  async #add(unlessAfterMs: number): Promise<string> {
    const { store, clock, random } = this.#parts;
    const id = randomText(random, 10);
    await store.add({ id, secret: random(32), createdAtMs: clock.now() }, unlessAfterMs);
    return id;
  }

  async #fresh(): Promise<KnownKeys> {
    return this.#known !== undefined && this.#ageMs() < freshMs ? this.#known : this.#read();
  }

  #ageMs(): number {
    const { clock } = this.#parts;
    // A clock that was set back must not keep what is known for ever.
    return this.#known === undefined
      ? Number.POSITIVE_INFINITY
      : Math.abs(clock.now() - this.#known.readAtMs);
  }

  async #read(): Promise<KnownKeys> {
    const readAtMs = this.#parts.clock.now();
    const keys = await this.#parts.store.list();
    const usable = await Promise.all(keys.map(async (key) => this.#known?.byId.get(key.id) ?? toUsable(key)));
    const known = {
      readAtMs,
      newest: usable.at(-1),
      newestAtMs: keys.at(-1)?.createdAtMs ?? 0,
      byId: new Map(usable.map((key) => [key.id, key])),
    };
    this.#known = known;
    return known;
  }
}

async function toUsable({ id, secret }: SigningKey): Promise<UsableKey> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return { id, key: await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign', 'verify']) };
}
