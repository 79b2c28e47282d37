import { MemorySessionStorageStore } from './memory-session-storage-store.ts';
import { sessionStorageStoreContract } from './session-storage-store-contract.ts';

sessionStorageStoreContract('memory', async () => new MemorySessionStorageStore());
