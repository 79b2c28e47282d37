import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { Database } from '../../storage/database.ts';
import type { SealedBox } from '../../storage/sealed-box.ts';

export interface IssuerKeyParts {
  readonly database: Database;
  readonly sealedBox: SealedBox;
}

const name = 'development_issuer_key';
const purpose = 'development issuer key';

/** The development issuer's RSA key, PKCS #8 in PEM: made when it is first asked for, and kept sealed. */
export async function loadIssuerKey({ database, sealedBox }: IssuerKeyParts): Promise<string> {
  const find = () =>
    database.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst();
  let row = await find();
  if (row === undefined) {
    const { privateKey } = await promisify(generateKeyPair)('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const value = sealedBox.seal(privateKey, purpose);
    await database
      .insertInto('settings')
      .values({ name, value })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    // Whoever was first has made it.
    row = await find();
  }
  if (row === undefined) throw new Error('The key of the development issuer was not kept.');
  return sealedBox.open(row.value, purpose);
}
