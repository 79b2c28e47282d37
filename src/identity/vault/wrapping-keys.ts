import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import type { RandomSource, Scope } from '../../shared/ids.ts';
import { type BoxOf, type KeyBox, purposeOf } from './key-box.ts';
import type { SymmetricKeys } from './symmetric-keys.ts';
import type { TransitKeys } from './transit/transit-keys.ts';
import type { KeyPair, VaultStore } from './vault-store.ts';
import type { DataKey, Keeper, WrappingKey } from './wrapping-key.ts';

export interface WrappingKeysParts {
  readonly store: Pick<VaultStore, 'newestWrappingKey' | 'addWrappingKey'>;
  /** The server's own, under the master key. */
  readonly serverBox: KeyBox;
  readonly boxOf: BoxOf;
  readonly ring: Pick<SymmetricKeys, 'seal' | 'open'>;
  /** Undefined when none is configured. */
  readonly transit: TransitKeys | undefined;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** Whom the next wrapping key is given to. `service` is the transit engine where there is one, else the server. */
export type NextKeeper = { readonly kind: 'service' } | { readonly kind: 'key-ring'; readonly keyId: string };

const keyBytes = 32;

/** Makes wrapping keys, and wraps data keys under them, whoever keeps them. */
export class WrappingKeys {
  readonly #parts: WrappingKeysParts;

  constructor(parts: WrappingKeysParts) {
    this.#parts = parts;
  }

  /** The newest; makes the first one. */
  async newest(scope: Scope): Promise<WrappingKey> {
    const { store } = this.#parts;
    const known = await store.newestWrappingKey(scope);
    if (known !== undefined) return known;
    const first = await this.next(scope, { kind: 'service' }, undefined);
    // Another call may have been faster.
    if ((await store.addWrappingKey(first)) === 'added') return first;
    return this.newest(scope);
  }

  /** One that may come after `before`; nothing is written of it. Throws `unavailable`, or `not-found` for the key of the ring. */
  async next(scope: Scope, wanted: NextKeeper, before: WrappingKey | undefined): Promise<WrappingKey> {
    const { accountId, region } = scope;
    const version = (before?.version ?? 0) + 1;
    return {
      accountId,
      region,
      version,
      keeper: await this.#newKeeper({ accountId, region, version }, wanted),
      createdAtMs: this.#parts.clock.now(),
    };
  }

  async wrap(wrappingKey: WrappingKey, owner: string, key: Uint8Array): Promise<DataKey> {
    const { accountId, region, version: wrappingVersion, keeper } = wrappingKey;
    const wrapped =
      keeper.kind === 'transit'
        ? await this.#transit(keeper).wrap(keeper.key, owner, key)
        : (await this.#open(wrappingKey, keeper)).seal(encode(key), purposeOf('data key', owner));
    return { accountId, region, owner, wrappingVersion, wrapped };
  }

  /** Throws `unavailable` when its keeper does not answer, `internal` when it is not what was wrapped for this owner. */
  async unwrap({ dataKey, wrappingKey }: KeyPair): Promise<Uint8Array> {
    const { keeper } = wrappingKey;
    const { owner, wrapped } = dataKey;
    if (keeper.kind === 'transit') return this.#transit(keeper).unwrap(keeper.key, owner, wrapped);
    return decode((await this.#open(wrappingKey, keeper)).open(wrapped, purposeOf('data key', owner)));
  }

  /** The same data key, wrapped under another wrapping key; an engine that keeps both does that without showing it. */
  async move(pair: KeyPair, to: WrappingKey): Promise<DataKey> {
    const from = pair.wrappingKey.keeper;
    if (from.kind !== 'transit' || to.keeper.kind !== 'transit' || from.key !== to.keeper.key)
      return this.wrap(to, pair.dataKey.owner, await this.unwrap(pair));
    const wrapped = await this.#transit(to.keeper).rewrap(to.keeper.key, pair.dataKey.wrapped);
    return { ...pair.dataKey, wrappingVersion: to.version, wrapped };
  }

  async #newKeeper(id: WrappingKeyId, wanted: NextKeeper): Promise<Keeper> {
    const { serverBox, ring, transit, random } = this.#parts;
    const purpose = wrappingPurpose(id);
    if (wanted.kind === 'key-ring') {
      const { keyId } = wanted;
      return { ...wanted, sealedKey: await ring.seal(id, keyId, encode(random(keyBytes)), purpose) };
    }
    if (transit !== undefined) return { kind: 'transit', key: transit.newestKey };
    return { kind: 'server', sealedKey: serverBox.seal(encode(random(keyBytes)), purpose) };
  }

  async #open(key: WrappingKey, keeper: Exclude<Keeper, { kind: 'transit' }>): Promise<KeyBox> {
    const { serverBox, ring, boxOf } = this.#parts;
    const purpose = wrappingPurpose(key);
    const opened =
      keeper.kind === 'server'
        ? serverBox.open(keeper.sealedKey, purpose)
        : await ring.open(key, keeper.keyId, keeper.sealedKey, purpose);
    return boxOf(decode(opened));
  }

  #transit({ key }: { readonly key: string }): TransitKeys {
    const { transit } = this.#parts;
    if (transit !== undefined) return transit;
    throw new BerthError(
      'unavailable',
      `The vault's key is kept by a transit engine (${key}), but the server was started without BERTH_TRANSIT_URL. Its operator has to set that again.`,
    );
  }
}

interface WrappingKeyId extends Scope {
  readonly version: number;
}

function wrappingPurpose({ accountId, region, version }: WrappingKeyId): string {
  return purposeOf('wrapping key', accountId, region, String(version));
}

function encode(key: Uint8Array): string {
  return Buffer.from(key).toString('base64');
}

function decode(text: string): Uint8Array {
  return Buffer.from(text, 'base64');
}
