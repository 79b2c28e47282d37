import { z } from 'zod';
import { type RingKey, ringKeyArn, ringKeySpecs } from '../../identity/vault/ring-key.ts';
import type { SealedKeyRing } from '../../identity/vault/sealed-key-ring.ts';
import { type AdminRoute, emptyAnswer, json, readJson } from './admin-request.ts';

export type KeyRingView = Pick<SealedKeyRing, 'create' | 'list' | 'show' | 'delete'>;

const newKeySchema = z.strictObject({
  spec: z.enum(ringKeySpecs),
  description: z.string().trim().min(1).max(8192).optional(),
});

/** Berth's own key ring. `:key` is an ARN or an id. Private keys never come out. */
export function kmsRoutes(keyRing: KeyRingView): readonly AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/kms/keys',
      action: 'berth:ListKmsKeys',
      answer: async ({ principal }) => json({ keys: (await keyRing.list(principal)).map(shown) }),
    },
    {
      method: 'POST',
      path: '/kms/keys',
      action: 'berth:CreateKmsKey',
      async answer({ principal, body }) {
        const { spec, description } = readJson(newKeySchema, body);
        return json(shown(await keyRing.create(principal, spec, description)), 201);
      },
    },
    {
      method: 'GET',
      path: '/kms/keys/:key',
      action: 'berth:GetKmsKey',
      answer: async ({ principal, params }) =>
        json(shown(await keyRing.show(principal, params['key'] ?? ''))),
    },
    {
      method: 'DELETE',
      path: '/kms/keys/:key',
      action: 'berth:DeleteKmsKey',
      async answer({ principal, params }) {
        await keyRing.delete(principal, params['key'] ?? '');
        return emptyAnswer;
      },
    },
  ];
}

function shown(key: RingKey) {
  const { spec, description, publicKey, createdAtMs } = key;
  return {
    arn: ringKeyArn(key),
    spec,
    ...(description !== undefined && { description }),
    ...(publicKey !== undefined && { publicKey }),
    createdAtMs,
  };
}
