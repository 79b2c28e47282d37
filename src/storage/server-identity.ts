import { randomBytes } from 'node:crypto';
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
}

/** Throws `internal` when the master key is not the one of the first start. */
export async function loadServerIdentity(
  database: Database,
  masterKey: Uint8Array,
  random: RandomSource,
): Promise<ServerIdentity> {
  const masterBox = createSealedBox(masterKey);
  const tag = await setting(database, 'server_tag', () => randomText(random, 8, '0123456789abcdef'));
  const sealedKey = async (name: string): Promise<Uint8Array> => {
    const sealed = await setting(database, name, () =>
      masterBox.seal(randomBytes(32).toString('base64'), name),
    );
    return Buffer.from(masterBox.open(sealed, name), 'base64');
  };
  return {
    tag,
    sealedBox: createSealedBox(await sealedKey('data_key')),
    signingSecret: await sealedKey('signing_secret'),
  };
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
