import type { Scope } from '../../shared/ids.ts';
import type { SealedRingKey } from './ring-key.ts';

export interface RingKeyStore {
  insert(key: SealedRingKey): Promise<void>;
  find(scope: Scope, keyId: string): Promise<SealedRingKey | undefined>;
  /** The oldest first. */
  list(scope: Scope): Promise<readonly SealedRingKey[]>;
  /** Changes nothing and says so when a wrapping key of the vault is sealed under it. */
  remove(scope: Scope, keyId: string): Promise<'removed' | 'in-use' | 'no-such-key'>;
}
