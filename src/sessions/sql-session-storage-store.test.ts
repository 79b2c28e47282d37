import { openDatabase } from '../storage/database.ts';
import { sqlSessionStorageStore } from './sql-session-storage-store.ts';
import { sessionStorageStoreContract } from './testing/session-storage-store-contract.ts';

sessionStorageStoreContract('SQLite', async () => sqlSessionStorageStore(await openDatabase(':memory:')));
