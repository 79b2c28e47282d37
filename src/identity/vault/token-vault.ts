import { BerthError } from '../../shared/errors.ts';
import type { Scope } from '../../shared/ids.ts';
import { noSuchKey } from './ring-key.ts';
import type { TransitKeys } from './transit/transit-keys.ts';
import type { KeyPair, VaultStore } from './vault-store.ts';
import type { WrappingKey } from './wrapping-key.ts';
import type { NextKeeper, WrappingKeys } from './wrapping-keys.ts';

export interface TokenVaultParts {
  readonly store: Pick<
    VaultStore,
    | 'listWrappingKeys'
    | 'addWrappingKey'
    | 'newestWrappingKey'
    | 'removeUnusedWrappingKeys'
    | 'listDataKeysBefore'
    | 'replaceDataKey'
  >;
  readonly wrappingKeys: Pick<WrappingKeys, 'newest' | 'next' | 'move'>;
  /** Undefined when none is configured. */
  readonly transit: Pick<TransitKeys, 'newestKey' | 'rotate'> | undefined;
}

/** What an operator sees of the vault. */
export interface TokenVaultState {
  readonly wrappingKey: WrappingKey;
  readonly dataKeys: number;
  /** Of those, how many are still to be moved to the newest wrapping key. */
  readonly dataKeysToMove: number;
  /** A transit engine is configured, but its key is not the one that wraps: rotation moves to it. */
  readonly isTransitUnused: boolean;
}

const batch = 100;

/** The key of the vault of each account and region: which one it is, who keeps it, and the change to another one. */
export class TokenVault {
  readonly #parts: TokenVaultParts;

  constructor(parts: TokenVaultParts) {
    this.#parts = parts;
  }

  /** The key that wraps now. */
  get(scope: Scope): Promise<WrappingKey> {
    return this.#parts.wrappingKeys.newest(scope);
  }

  async show(scope: Scope): Promise<TokenVaultState> {
    const { store, transit } = this.#parts;
    const wrappingKey = await this.get(scope);
    const counts = await store.listWrappingKeys(scope);
    const count = (keys: typeof counts) => keys.reduce((sum, { dataKeys }) => sum + dataKeys, 0);
    const { keeper, version } = wrappingKey;
    return {
      wrappingKey,
      dataKeys: count(counts),
      dataKeysToMove: count(counts.filter((key) => key.version < version)),
      isTransitUnused:
        transit !== undefined &&
        keeper.kind !== 'key-ring' &&
        !(keeper.kind === 'transit' && keeper.key === transit.newestKey),
    };
  }

  /**
   * A new version of the key, kept by whom the configuration says. Data keys are moved to it afterwards; meanwhile, everything can
   * be opened. Throws `concurrent-modification` when another change came between, `unavailable` when the keeper does not answer.
   */
  async rotate(scope: Scope): Promise<WrappingKey> {
    const { wrappingKeys, transit } = this.#parts;
    const before = await wrappingKeys.newest(scope);
    const { keeper } = before;
    const isOfEngine = keeper.kind === 'transit' && keeper.key === transit?.newestKey;
    // After a crash from here on the engine has a version that wraps nothing yet, which does no harm.
    if (isOfEngine) await transit?.rotate();
    return this.#change(before, keeper.kind === 'key-ring' ? keeper : { kind: 'service' });
  }

  /**
   * Gives the vault's key to another keeper, with a new version of it; does nothing when it has it already. Throws `not-found` and
   * `validation` for a key of the ring that cannot do it, else as `rotate` does.
   */
  async setKeeper(scope: Scope, wanted: NextKeeper): Promise<WrappingKey> {
    const before = await this.#parts.wrappingKeys.newest(scope);
    const { keeper } = before;
    const isSame =
      wanted.kind === 'key-ring'
        ? keeper.kind === 'key-ring' && keeper.keyId === wanted.keyId
        : keeper.kind !== 'key-ring';
    return isSame ? before : this.#change(before, wanted);
  }

  /**
   * Wraps all data keys under the newest wrapping key, one after the other, and removes wrapping keys that wrap nothing any more. It
   * may be broken off anywhere and begun again. One data key that cannot be moved keeps no other from it; it then rejects.
   */
  async moveDataKeys(scope: Scope, signal: AbortSignal): Promise<void> {
    const { store } = this.#parts;
    const newest = await store.newestWrappingKey(scope);
    if (newest === undefined) return;
    const failures: unknown[] = [];
    let after = '';
    for (;;) {
      const pairs = await store.listDataKeysBefore(newest, { limit: batch, after });
      const last = pairs.at(-1);
      if (last === undefined) break;
      for (const pair of pairs) {
        signal.throwIfAborted();
        await this.#move(pair, newest).catch((error: unknown) => {
          // An engine that does not answer will not for the next one either.
          if (error instanceof BerthError && error.code === 'unavailable') throw error;
          failures.push(error);
        });
      }
      after = last.dataKey.owner;
    }
    await store.removeUnusedWrappingKeys(scope, newest.version);
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} data keys of the vault cannot be moved.`);
  }

  async #move(pair: KeyPair, to: WrappingKey): Promise<void> {
    const { store, wrappingKeys } = this.#parts;
    await store.replaceDataKey(pair.dataKey, await wrappingKeys.move(pair, to));
  }

  async #change(before: WrappingKey, wanted: NextKeeper): Promise<WrappingKey> {
    const next = await this.#parts.wrappingKeys.next(before, wanted, before);
    const result = await this.#parts.store.addWrappingKey(next);
    if (result === 'added') return next;
    if (result === 'no-such-key' && wanted.kind === 'key-ring') throw noSuchKey(before, wanted.keyId);
    throw new BerthError(
      'concurrent-modification',
      'The key of the token vault was changed by another call at the same time. Look at it with GetTokenVault, and repeat the change if it is still wanted.',
    );
  }
}
