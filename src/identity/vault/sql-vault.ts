import type { Clock } from '../../shared/clock.ts';
import type { RandomSource } from '../../shared/ids.ts';
import type { OpenDatabase } from '../../storage/database.ts';
import type { JobQueue } from '../../storage/job-queue.ts';
import { createSealedBox, type SealedBox } from '../../storage/sealed-box.ts';
import { SealedKeyRing, type SealedKeyRingParts } from './sealed-key-ring.ts';
import { SealedVault } from './sealed-vault.ts';
import { createSqlRingKeyStore } from './sql-ring-key-store.ts';
import { createSqlVaultStore } from './sql-vault-store.ts';
import { SymmetricKeys } from './symmetric-keys.ts';
import { TokenVault } from './token-vault.ts';
import type { TransitKeys } from './transit/transit-keys.ts';
import { WrappingKeys } from './wrapping-keys.ts';

export interface SqlVaultParts extends Pick<SealedKeyRingParts, 'userOf'> {
  readonly database: OpenDatabase;
  readonly jobs: Pick<JobQueue, 'enqueue' | 'wake'>;
  /** The server's own, under the master key. */
  readonly sealedBox: SealedBox;
  /** Undefined: the server keeps the vault's key. */
  readonly transit: TransitKeys | undefined;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** The vault and the key ring over one database. Whoever runs the jobs has those of `moveDataKeysJob` moved. */
export function createSqlVault(parts: SqlVaultParts) {
  const { database, jobs, sealedBox: serverBox, transit, userOf, clock, random } = parts;
  const store = createSqlVaultStore({ database, jobs });
  const ringStore = createSqlRingKeyStore({ database });
  const boxOf = createSealedBox;
  const symmetricKeys = new SymmetricKeys({ store: ringStore, serverBox, boxOf, random });
  const wrappingKeys = new WrappingKeys({
    store,
    serverBox,
    boxOf,
    ring: symmetricKeys,
    transit,
    clock,
    random,
  });
  const vault = new SealedVault({ store, wrappingKeys, boxOf, random });
  return {
    vault,
    tokenVault: new TokenVault({ store, wrappingKeys, transit }),
    keyRing: new SealedKeyRing({ store: ringStore, symmetricKeys, vault, userOf, clock, random }),
  };
}
