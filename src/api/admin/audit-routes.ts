import { z } from 'zod';
import { type AuditEntry, auditKinds } from '../../auth/audit/audit-entry.ts';
import type { AuditStore } from '../../auth/audit/audit-store.ts';
import { type AdminRoute, json, readQuery } from './admin-request.ts';

const querySchema = z.strictObject({
  after: z.coerce.number().int().min(0).optional(),
  before: z.coerce.number().int().min(0).optional(),
  sinceMs: z.coerce.number().int().min(0).optional(),
  untilMs: z.coerce.number().int().min(0).optional(),
  principal: z.string().min(1).max(512).optional(),
  action: z.string().min(1).max(128).optional(),
  resource: z.string().min(1).max(512).optional(),
  kind: z
    .string()
    .transform((kinds) => kinds.split(','))
    .pipe(z.array(z.enum(auditKinds)))
    .optional(),
  maxResults: z.coerce.number().int().min(1).max(1_000).default(100),
});

/** The audit log. It can be read and verified; nothing changes it. */
export function auditRoutes(
  store: Pick<AuditStore, 'listAfter' | 'listBefore' | 'verify'>,
): readonly AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/audit',
      action: 'berth:GetAuditLog',
      async answer({ query }) {
        const { after, before, maxResults, kind: kinds, ...given } = readQuery(querySchema, query);
        const filter = { ...given, kinds };
        if (after !== undefined) {
          const { entries, upToSeq } = await store.listAfter(after, filter, maxResults);
          return json({ entries: entries.map(shown), upToSeq });
        }
        const newest = await store.listBefore(before ?? Number.MAX_SAFE_INTEGER, filter, maxResults);
        return json({ entries: newest.map(shown).toReversed() });
      },
    },
    {
      method: 'GET',
      path: '/audit/verification',
      action: 'berth:GetAuditLog',
      answer: async () => json(await store.verify()),
    },
  ];
}

function shown({ repeats, ...entry }: AuditEntry) {
  return { ...entry, ...(repeats > 0 && { repeats }) };
}
