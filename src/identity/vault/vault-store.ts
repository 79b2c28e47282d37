import type { Scope } from '../../shared/ids.ts';
import type { DataKey, WrappingKey } from './wrapping-key.ts';

export interface KeyPair {
  readonly dataKey: DataKey;
  readonly wrappingKey: WrappingKey;
}

/** Keys of the vault, all of them wrapped. */
export interface VaultStore {
  newestWrappingKey(scope: Scope): Promise<WrappingKey | undefined>;
  /** By version, each with the number of data keys that are wrapped under it. */
  listWrappingKeys(scope: Scope): Promise<readonly (WrappingKey & { readonly dataKeys: number })[]>;
  /**
   * Adds it, and has the data keys moved to it in time (see `TokenVault.moveDataKeys`), both or neither. Changes nothing and says
   * why when its version is not the next one, or the key of the ring that it is sealed under is gone.
   */
  addWrappingKey(key: WrappingKey): Promise<'added' | 'not-next' | 'no-such-key'>;
  /** Removes those older than `version` that wrap nothing. */
  removeUnusedWrappingKeys(scope: Scope, version: number): Promise<void>;

  /** With the key it is wrapped under. */
  findDataKey(owner: string): Promise<KeyPair | undefined>;
  /** Does nothing when the owner has one. Changes nothing and says so when its wrapping key is not the newest any more. */
  addDataKey(key: DataKey): Promise<'added' | 'superseded'>;
  removeDataKey(owner: string): Promise<void>;
  /** Up to `limit` of those wrapped under an older version, by owner, those that come after `after`. */
  listDataKeysBefore(
    wrappingKey: WrappingKey,
    query: { readonly limit: number; readonly after: string },
  ): Promise<readonly KeyPair[]>;
  /** Does nothing when the data key is not as it was any more. */
  replaceDataKey(before: DataKey, after: DataKey): Promise<void>;
}
