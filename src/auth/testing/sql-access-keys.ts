import { systemRandom, type AccountId, type Scope } from '../../shared/ids.ts';
import { openDatabase } from '../../storage/database.ts';
import { createSealedBox } from '../../storage/sealed-box.ts';
import { AccessKeys } from '../access-keys.ts';
import { SqlAccessKeyStore } from '../sql-access-key-store.ts';

export const testScope: Scope = { accountId: '111122223333' as AccountId, region: 'us-east-1' };

/** Access keys in a database; `again` is what a restarted server would see. */
export async function openTestAccessKeys(path = ':memory:') {
  const database = await openDatabase(path);
  const store = new SqlAccessKeyStore({ database, sealedBox: createSealedBox(new Uint8Array(32)) });
  let nowMs = 1_000;
  const clock = { now: () => (nowMs += 1) };
  const again = () => new AccessKeys({ store, scope: testScope, clock, random: systemRandom });
  const storedText = async () =>
    JSON.stringify(await database.selectFrom('access_keys').selectAll().execute());
  return { database, accessKeys: again(), store, again, storedText, close: () => database.destroy() };
}
