import { openDatabase } from '../storage/database.ts';
import { SqlSessionStore } from './sql-session-store.ts';
import { sessionStoreContract } from './testing/session-store-contract.ts';

sessionStoreContract('SQLite', async () => new SqlSessionStore({ database: await openDatabase(':memory:') }));
