import { createLocalJWKSet } from 'jose';
import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import type { DescribeIssuer } from './issuer.ts';

export interface IssuerEvents {
  /** Its keys could not be had; those known before go on serving. */
  issuerFailed(failure: { readonly discoveryUrl: string; readonly error: unknown }): void;
}

export interface KeySet {
  readonly issuer: string;
  readonly keyFor: ReturnType<typeof createLocalJWKSet>;
}

export interface IssuerKeysParts {
  readonly describe: DescribeIssuer;
  readonly events: IssuerEvents;
  readonly clock: Pick<Clock, 'now'>;
}

interface Entry {
  known?: { readonly keys: KeySet; readonly fetchedAtMs: number };
  triedAtMs: number;
  running?: Promise<void> | undefined;
}

/** Keys older than this are fetched again, so that one that its issuer withdraws is not taken for longer. */
const lifetimeMs = 15 * 60_000;
/** While their issuer is down they are taken for this long. */
const longestLifeMs = 24 * 3_600_000;
/** Between two fetches, whatever strangers send. */
const floorMs = 30_000;
/** As long as there are no keys at all. */
const firstFloorMs = 5_000;
const mostIssuers = 1_000;

/** The keys of all issuers in use. Calls at once share a fetch. */
export class IssuerKeys {
  readonly #parts: IssuerKeysParts;
  readonly #entries = new Map<string, Entry>();

  constructor(parts: IssuerKeysParts) {
    this.#parts = parts;
  }

  /** Rejects with `unavailable` when there are none. */
  async current(discoveryUrl: string): Promise<KeySet> {
    const entry = this.#entryOf(discoveryUrl);
    if (this.#ageOf(entry) >= lifetimeMs) await this.#fetchIfDue(discoveryUrl, entry);
    if (entry.known !== undefined && this.#ageOf(entry) < longestLifeMs) return entry.known.keys;
    // Not the caller's fault: with 401 its client would fetch one new token after the other.
    throw new BerthError(
      'unavailable',
      "The keys of this runtime's token issuer cannot be had now. Try again later; the server's log says why.",
    );
  }

  /** After a token by a key that is not among `old`: what came after them, or undefined when the issuer was asked a moment ago. */
  async newerThan(old: KeySet, discoveryUrl: string): Promise<KeySet | undefined> {
    const entry = this.#entryOf(discoveryUrl);
    if (entry.known?.keys === old) await this.#fetchIfDue(discoveryUrl, entry);
    return entry.known?.keys === old ? undefined : entry.known?.keys;
  }

  #entryOf(discoveryUrl: string): Entry {
    const known = this.#entries.get(discoveryUrl);
    if (known !== undefined) return known;
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= mostIssuers && oldest !== undefined) this.#entries.delete(oldest);
    const entry: Entry = { triedAtMs: Number.NEGATIVE_INFINITY };
    this.#entries.set(discoveryUrl, entry);
    return entry;
  }

  #ageOf({ known }: Entry): number {
    return known === undefined ? Number.POSITIVE_INFINITY : this.#parts.clock.now() - known.fetchedAtMs;
  }

  async #fetchIfDue(discoveryUrl: string, entry: Entry): Promise<void> {
    const floor = entry.known === undefined ? firstFloorMs : floorMs;
    const isDue = this.#parts.clock.now() - entry.triedAtMs >= floor;
    if (isDue) {
      entry.running ??= this.#fetch(discoveryUrl, entry).finally(() => {
        entry.running = undefined;
      });
    }
    await entry.running;
  }

  async #fetch(discoveryUrl: string, entry: Entry): Promise<void> {
    const { describe, events, clock } = this.#parts;
    entry.triedAtMs = clock.now();
    try {
      const { name, jwks } = await describe(discoveryUrl);
      entry.known = { keys: { issuer: name, keyFor: createLocalJWKSet(jwks) }, fetchedAtMs: clock.now() };
    } catch (error) {
      events.issuerFailed({ discoveryUrl, error });
    }
  }
}
