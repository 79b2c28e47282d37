import { createPrivateKey, type JsonWebKey } from 'node:crypto';
import { join } from 'node:path';
import { loadIssuerKey } from '../../src/auth/jwt/sql-issuer-key.ts';
import { createSqlSigningKeyStore } from '../../src/identity/tokens/sql-signing-key-store.ts';
import { createSqlRingKeyStore } from '../../src/identity/vault/sql-ring-key-store.ts';
import { createSqlVault } from '../../src/identity/vault/sql-vault.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { type Scope, systemRandom } from '../../src/shared/ids.ts';
import { openDatabase } from '../../src/storage/database.ts';
import type { SealedBox } from '../../src/storage/sealed-box.ts';
import { loadServerIdentity } from '../../src/storage/server-identity.ts';

export interface UnsealedSecret {
  readonly name: string;
  readonly secret: string | Uint8Array;
}

/** Keys that a server has made and told nobody, opened with its master key. The server has to be stopped. */
export async function unsealedSecrets(
  home: string,
  masterKey: Uint8Array,
  scope: Scope,
): Promise<readonly UnsealedSecret[]> {
  const database = await openDatabase(join(home, 'berth.db'));
  try {
    const { sealedBox, signingSecret } = await loadServerIdentity(
      database,
      { current: masterKey },
      systemRandom,
    );
    const opened: string[] = [];
    const serverBox: SealedBox = {
      ...sealedBox,
      open(sealed, purpose) {
        const secret = sealedBox.open(sealed, purpose);
        opened.push(secret);
        return secret;
      },
    };
    const { vault } = createSqlVault({
      database,
      sealedBox: serverBox,
      transit: undefined,
      jobs: { enqueue: async () => {}, wake: () => {} },
      userOf: async () => undefined,
      clock: systemClock,
      random: systemRandom,
    });
    const ring = await createSqlRingKeyStore({ database }).list(scope);
    const ringKeys = await Promise.all(
      ring.map(({ keyId, sealedKey }) => vault.open(`kms-key/${keyId}`, ['private key', keyId], sealedKey)),
    );
    const tokenKeys = await createSqlSigningKeyStore({ database, sealedBox }).list();
    return [
      { name: 'key of registry tokens', secret: signingSecret },
      ...tokenKeys.map(({ secret }) => ({ name: 'key of workload tokens', secret })),
      ...opened.map((secret) => ({ name: 'key of the vault', secret: Buffer.from(secret, 'base64') })),
      ...opened.map((secret) => ({ name: 'key of the vault', secret })),
      ...ringKeys.flatMap((der) => privateParts('key of the ring', Buffer.from(der, 'base64'))),
      ...privateParts('key of the development issuer', await loadIssuerKey({ database, sealedBox })),
    ];
  } finally {
    await database.destroy();
  }
}

/** As bytes, and as a JWK has them. */
function privateParts(name: string, key: Buffer | string): readonly UnsealedSecret[] {
  const loaded =
    typeof key === 'string' ? createPrivateKey(key) : createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  const { d, p, q }: JsonWebKey = loaded.export({ format: 'jwk' });
  return [d, p, q].flatMap((part) =>
    part === undefined
      ? []
      : [
          { name, secret: part },
          { name, secret: Buffer.from(part, 'base64url') },
        ],
  );
}
