import { z } from 'zod';
import type { AccessKey, AccessKeys } from '../../auth/access-keys.ts';
import { principalArnOf } from '../../auth/principal-arn.ts';
import { type KeyLimits, keyRoles } from '../../auth/principal.ts';
import { type AdminRoute, emptyAnswer, json, readJson } from './admin-request.ts';

const newKeySchema = z.strictObject({
  // `invoke`: what earlier versions of the command say for `invoker`.
  role: z.enum([...keyRoles, 'invoke']).transform((role) => (role === 'invoke' ? 'invoker' : role)),
  name: z.string().trim().min(1).max(100).default('unnamed'),
  runtimes: z.array(z.string().min(1).max(100)).optional(),
  tags: z.record(z.string().min(1).max(128), z.string().max(256)).optional(),
});

/** Who is calling, and the access keys of the server. A secret is shown once, in the answer that makes it. */
export function keyRoutes(accessKeys: Pick<AccessKeys, 'list' | 'create' | 'revoke'>): readonly AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/whoami',
      action: 'berth:GetCallerIdentity',
      async answer({ principal }) {
        const { accessKeyId, role, limits, accountId, region } = principal;
        const arn = principalArnOf(principal);
        return json({ accessKeyId, arn, role, ...shownLimits(limits), accountId, region });
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
        const { role, name, ...limits } = readJson(newKeySchema, body);
        const key = await accessKeys.create(role, name, limits);
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

function shown({ id, name, role, limits, createdAtMs, revokedAtMs }: AccessKey) {
  return {
    id,
    name,
    role,
    ...shownLimits(limits),
    createdAtMs,
    ...(revokedAtMs !== undefined && { revokedAtMs }),
  };
}

function shownLimits({ runtimes, tags }: KeyLimits = {}) {
  return { ...(runtimes !== undefined && { runtimes }), ...(tags !== undefined && { tags }) };
}
