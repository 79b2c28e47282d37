import { BerthError } from '../../shared/errors.ts';
import type { RandomSource, Scope } from '../../shared/ids.ts';
import { type BoxOf, type KeyBox, purposeOf } from './key-box.ts';
import { noSuchKey } from './ring-key.ts';
import type { RingKeyStore } from './ring-key-store.ts';

export interface SymmetricKeysParts {
  readonly store: Pick<RingKeyStore, 'find'>;
  readonly serverBox: KeyBox;
  readonly boxOf: BoxOf;
  readonly random: RandomSource;
}

/**
 * Those keys of the ring that seal other keys. They are kept under the server's own key and not in the vault, whose wrapping keys
 * they may keep.
 */
export class SymmetricKeys {
  readonly #parts: SymmetricKeysParts;

  constructor(parts: SymmetricKeysParts) {
    this.#parts = parts;
  }

  /** A new key, sealed, for a row of the ring. */
  make(scope: Scope, keyId: string): string {
    const { serverBox, random } = this.#parts;
    return serverBox.seal(Buffer.from(random(32)).toString('base64'), ringPurpose(scope, keyId));
  }

  /** Throws `not-found`, or `validation` when the key signs. */
  async seal(scope: Scope, keyId: string, secret: string, purpose: string): Promise<string> {
    return (await this.#box(scope, keyId)).seal(secret, purpose);
  }

  async open(scope: Scope, keyId: string, sealed: string, purpose: string): Promise<string> {
    return (await this.#box(scope, keyId)).open(sealed, purpose);
  }

  async #box(scope: Scope, keyId: string): Promise<KeyBox> {
    const { store, serverBox, boxOf } = this.#parts;
    const key = await store.find(scope, keyId);
    if (key === undefined) throw noSuchKey(scope, keyId);
    if (key.spec !== 'symmetric') {
      throw new BerthError(
        'validation',
        `Key ${keyId} is of the kind ${key.spec}, which signs: expected a symmetric one, as 'berth kms create --spec symmetric' makes it.`,
      );
    }
    return boxOf(Buffer.from(serverBox.open(key.sealedKey, ringPurpose(key, keyId)), 'base64'));
  }
}

function ringPurpose({ accountId, region }: Scope, keyId: string): string {
  return purposeOf('kms key', accountId, region, keyId);
}
