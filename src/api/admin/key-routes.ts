import { z } from 'zod';
import type { AccessKey, AccessKeys } from '../../auth/access-keys.ts';
import { type AdminRoute, emptyAnswer, json, readJson } from './admin-request.ts';

const newKeySchema = z.strictObject({
  role: z.enum(['admin', 'invoke']),
  name: z.string().trim().min(1).max(100).default('unnamed'),
});

/** Who is calling, and the access keys of the server. A secret is shown once, in the answer that makes it. */
export function keyRoutes(accessKeys: Pick<AccessKeys, 'list' | 'create' | 'revoke'>): readonly AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/whoami',
      action: 'berth:GetCallerIdentity',
      async answer({ principal }) {
        const { accessKeyId, role, accountId, region } = principal;
        return json({ accessKeyId, role, accountId, region });
      },
    },
    {
      method: 'GET',
      path: '/keys',
      action: 'berth:ListAccessKeys',
      answer: async () => json({ keys: (await accessKeys.list()).map(shown) }),
    },
    {
      method: 'POST',
      path: '/keys',
      action: 'berth:CreateAccessKey',
      async answer({ body }) {
        const { role, name } = readJson(newKeySchema, body);
        const key = await accessKeys.create(role, name);
        return json({ ...shown(key), secret: key.secret }, 201);
      },
    },
    {
      method: 'DELETE',
      path: '/keys/:id',
      action: 'berth:RevokeAccessKey',
      async answer({ params }) {
        await accessKeys.revoke(params['id'] ?? '');
        return emptyAnswer;
      },
    },
  ];
}

function shown({ id, name, role, createdAtMs, revokedAtMs }: AccessKey) {
  return { id, name, role, createdAtMs, ...(revokedAtMs !== undefined && { revokedAtMs }) };
}
