import { sessionAliasStoreContract } from './testing/session-alias-store-contract.ts';
import { openDatabase } from '../storage/database.ts';
import { SqlSessionAliasStore } from './sql-session-alias-store.ts';
import { SqlSessionStore } from './sql-session-store.ts';

sessionAliasStoreContract('SQLite', async () => {
  const database = await openDatabase(':memory:');
  return { aliases: new SqlSessionAliasStore({ database }), sessions: new SqlSessionStore({ database }) };
});
