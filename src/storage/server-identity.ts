import { randomBytes } from 'node:crypto';
import type { MasterKeys } from '../shared/master-keys.ts';
import { type RandomSource, randomText } from '../shared/ids.ts';
import type { Database } from './database.ts';
import { createSealedBox, type SealedBox } from './sealed-box.ts';

/** What one state directory is known by, made once and kept. */
export interface ServerIdentity {
  /** 8 hexadecimal digits; part of the names of everything that the server makes on this machine. */
  readonly tag: string;
  /** Seals secrets at rest: its data key is itself sealed under the master key. */
  readonly sealedBox: SealedBox;
  /** 32 bytes to sign tokens with. */
  readonly signingSecret: Uint8Array;
  /** The keys above were sealed under the previous master key until now. */
  readonly hasNewMasterKey: boolean;
}

/** Throws `internal` when the master keys are not those of the first start or of a change since. */
export async function loadServerIdentity(
  database: Database,
  masterKeys: MasterKeys,
  random: RandomSource,
): Promise<ServerIdentity> {
  // Both keys are sealed anew, or none is: the old master key may be thrown away afterwards.
  return database.transaction().execute(async (transaction) => {
    const tag = await setting(transaction, 'server_tag', () => randomText(random, 8, '0123456789abcdef'));
    const dataKey = await sealedKey(transaction, 'data_key', masterKeys);
    const signingSecret = await sealedKey(transaction, 'signing_secret', masterKeys);
    return {
      tag,
      sealedBox: createSealedBox(dataKey.key),
      signingSecret: signingSecret.key,
      hasNewMasterKey: dataKey.isResealed,
    };
  });
}

async function sealedKey(
  database: Database,
  name: string,
  { current, previous }: MasterKeys,
): Promise<{ readonly key: Uint8Array; readonly isResealed: boolean }> {
  const box = createSealedBox(current);
  const sealed = await setting(database, name, () => box.seal(randomBytes(32).toString('base64'), name));
  try {
    return { key: Buffer.from(box.open(sealed, name), 'base64'), isResealed: false };
  } catch (error) {
    if (previous === undefined) throw error;
  }
  const key = createSealedBox(previous).open(sealed, name);
  await database
    .updateTable('settings')
    .set({ value: box.seal(key, name) })
    .where('name', '=', name)
    .execute();
  return { key: Buffer.from(key, 'base64'), isResealed: true };
}

async function setting(database: Database, name: string, make: () => string): Promise<string> {
  const known = await database
    .selectFrom('settings')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirst();
  if (known) return known.value;
  const value = make();
  await database.insertInto('settings').values({ name, value }).execute();
  return value;
}
