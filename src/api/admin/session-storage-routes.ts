import { z } from 'zod';
import type {
  SessionStorage,
  SessionStorageStore,
  StoragePosition,
} from '../../sessions/session-storage-store.ts';
import type { RuntimeId, VolumeId } from '../../shared/ids.ts';
import { paginate } from '../pagination.ts';
import { type AdminRoute, json, readQuery, runtimeIdInQuery } from './admin-request.ts';

/** Storage of sessions as an operator sees it. */
export interface SessionStorageView {
  readonly list: SessionStorageStore['list'];
  /** Bytes that it takes on the host. */
  usedBytes(): Promise<ReadonlyMap<VolumeId, number>>;
  /** How long it is kept after its last use. */
  readonly keepMs: number;
}

const querySchema = z.strictObject({
  runtimeId: z.string().optional(),
  maxResults: z.coerce.number().int().min(1).max(100).optional(),
  nextToken: z.string().optional(),
});

export function sessionStorageRoutes(view: SessionStorageView): readonly AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/session-storage',
      action: 'berth:ListSessionStorage',
      runtimeIdOf: runtimeIdInQuery,
      async answer({ principal, query }) {
        const asked = readQuery(querySchema, query);
        const runtimeId = asked.runtimeId as RuntimeId | undefined;
        const { items, nextToken } = await paginate<SessionStorage, StoragePosition>({
          list: ['berth:ListSessionStorage', runtimeId ?? ''],
          nextToken: asked.nextToken,
          maxResults: asked.maxResults,
          keyOf: (storage) => [storage.runtimeId, storage.sessionId],
          fetch: (after, limit) => view.list(principal, { runtimeId, after, limit }),
        });
        const usedBytes = await view.usedBytes();
        const sessionStorage = items.map((storage) => shown(storage, usedBytes, view.keepMs));
        return json({ sessionStorage, ...(nextToken !== undefined && { nextToken }) });
      },
    },
  ];
}

function shown(storage: SessionStorage, usedBytes: ReadonlyMap<VolumeId, number>, keepMs: number) {
  const { accountId: _, region: __, ...rest } = storage;
  return {
    ...rest,
    usedBytes: usedBytes.get(storage.volume) ?? 0,
    keptUntilMs: storage.lastUsedAtMs + keepMs,
  };
}
