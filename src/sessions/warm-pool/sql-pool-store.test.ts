import { openDatabase } from '../../storage/database.ts';
import { SqlSessionStore } from '../sql-session-store.ts';
import { MemoryPoolStore } from '../testing/memory-pool-store.ts';
import { MemorySessionStore } from '../testing/memory-session-store.ts';
import { poolStoreContract } from '../testing/pool-store-contract.ts';
import { SqlPoolStore } from './sql-pool-store.ts';

poolStoreContract('SQLite', async () => {
  const database = await openDatabase(':memory:');
  return { pool: new SqlPoolStore({ database }), sessions: new SqlSessionStore({ database }) };
});

poolStoreContract('memory', async () => {
  const sessions = new MemorySessionStore();
  return { pool: new MemoryPoolStore({ sessions }), sessions };
});
