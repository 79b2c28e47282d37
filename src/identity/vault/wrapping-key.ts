import type { Scope } from '../../shared/ids.ts';

/** One version of the key that the data keys of an account and region are wrapped under. The newest wraps; older ones still unwrap. */
export interface WrappingKey extends Scope {
  /** From 1; never used again. */
  readonly version: number;
  readonly keeper: Keeper;
  readonly createdAtMs: number;
}

/** Who holds a wrapping key, so that the database alone opens nothing. */
export type Keeper =
  /** Sealed under the server's own key, which is sealed under the master key. */
  | { readonly kind: 'server'; readonly sealedKey: string }
  /** Sealed under a symmetric key of the key ring. */
  | { readonly kind: 'key-ring'; readonly sealedKey: string; readonly keyId: string }
  /** A transit engine, which never gives it away; `key` is `mount/name`. */
  | { readonly kind: 'transit'; readonly key: string };

/** The wrapped key that seals the secrets of one owner. */
export interface DataKey extends Scope {
  readonly owner: string;
  readonly wrappingVersion: number;
  readonly wrapped: string;
}
