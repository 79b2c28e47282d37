import { BerthError } from '../../shared/errors.ts';
import type { RandomSource, Scope } from '../../shared/ids.ts';
import { type BoxOf, type KeyBox, purposeOf } from './key-box.ts';
import type { Vault } from './vault.ts';
import type { VaultStore } from './vault-store.ts';
import type { WrappingKeys } from './wrapping-keys.ts';

export interface SealedVaultParts {
  readonly store: Pick<VaultStore, 'findDataKey' | 'addDataKey' | 'removeDataKey'>;
  readonly wrappingKeys: Pick<WrappingKeys, 'newest' | 'wrap' | 'unwrap'>;
  readonly boxOf: BoxOf;
  readonly random: RandomSource;
}

/** Seals under data keys that are kept wrapped beside what they seal. Whether an owner has a key is asked for each call. */
export class SealedVault implements Vault {
  readonly #parts: SealedVaultParts;

  constructor(parts: SealedVaultParts) {
    this.#parts = parts;
  }

  async createKey(scope: Scope, owner: string): Promise<void> {
    const { store, wrappingKeys, random } = this.#parts;
    if ((await store.findDataKey(owner)) !== undefined) return;
    const key = random(32);
    let result: 'added' | 'superseded';
    do {
      const wrappingKey = await wrappingKeys.newest(scope);
      result = await store.addDataKey(await wrappingKeys.wrap(wrappingKey, owner, key));
    } while (result === 'superseded');
  }

  destroyKey(owner: string): Promise<void> {
    return this.#parts.store.removeDataKey(owner);
  }

  async seal(owner: string, binding: readonly string[], secret: string): Promise<string> {
    return (await this.#box(owner)).seal(secret, recordPurpose(owner, binding));
  }

  async open(owner: string, binding: readonly string[], sealed: string): Promise<string> {
    const box = await this.#box(owner);
    try {
      return box.open(sealed, recordPurpose(owner, binding));
    } catch {
      // Its cause would repeat the binding, which names users.
      throw new BerthError(
        'internal',
        `A secret of ${owner} cannot be opened: it was sealed for another owner or binding, or it was changed.`,
      );
    }
  }

  async #box(owner: string): Promise<KeyBox> {
    const { store, wrappingKeys, boxOf } = this.#parts;
    const pair = await store.findDataKey(owner);
    if (pair !== undefined) return boxOf(await wrappingKeys.unwrap(pair));
    throw new BerthError(
      'not-found',
      `The vault has no key of ${owner}: it was deleted, and with it all that was kept for it.`,
    );
  }
}

function recordPurpose(owner: string, binding: readonly string[]): string {
  return purposeOf('vault record', owner, ...binding);
}
