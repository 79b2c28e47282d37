import type { Scope } from '../../shared/ids.ts';

export type SigningAlgorithm = 'RS256' | 'PS256' | 'ES256';

/** Keys of Berth's own, named by ARNs of the form `arn:aws:kms:REGION:ACCOUNT:key/UUID`; private keys never leave it. */
export interface KeyRing {
  /**
   * The signature as JWS has it (RFC 7518 3: ES256 is the two numbers, one after the other). Throws `validation` when the key is of
   * another kind, `not-found` when there is none.
   */
  sign(scope: Scope, keyArn: string, algorithm: SigningAlgorithm, data: Uint8Array): Promise<Uint8Array>;
  /** Throws as `sign` does; for configurations that name a key. */
  requireSigningKey(scope: Scope, keyArn: string, algorithm: SigningAlgorithm): Promise<void>;
}
