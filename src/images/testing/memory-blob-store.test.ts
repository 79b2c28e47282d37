import { verifies } from '../../../test/requirements.ts';
import { describeBlobStore } from '../blob-store-contract.ts';
import { MemoryBlobStore } from './memory-blob-store.ts';

describeBlobStore('memory', async () => {
  verifies('images:blob-store');
  const store = new MemoryBlobStore();
  return { store, collect: async () => store.collect(), reopen: async () => store, close: async () => {} };
});
