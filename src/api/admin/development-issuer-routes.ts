import { z } from 'zod';
import type { DevelopmentIssuer } from '../../auth/jwt/development-issuer.ts';
import { BerthError } from '../../shared/errors.ts';
import { type AdminRoute, json, readJson } from './admin-request.ts';

const tokenSchema = z.strictObject({
  clientId: z.string().min(1).max(255),
  username: z.string().min(1).max(255),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]{1,255}$/, 'Must be a scope.'))
    .max(50)
    .default([]),
  lifetimeS: z.int().min(1).max(86_400).default(3_600),
});

/** Tokens of the server's own issuer, which it has only on loopback. */
export function developmentIssuerRoutes(
  issuer: Pick<DevelopmentIssuer, 'discoveryUrl' | 'issue'> | undefined,
): readonly AdminRoute[] {
  return [
    {
      method: 'POST',
      path: '/development-issuer/token',
      action: 'berth:IssueDevelopmentToken',
      async answer({ body }) {
        const request = readJson(tokenSchema, body);
        if (issuer === undefined) {
          throw new BerthError(
            'not-found',
            'This server has no development issuer: others than this machine can call it, by its listen address or public URL. Use tokens of an identity provider.',
          );
        }
        const { token, expiresAtMs } = await issuer.issue(request);
        return json({ token, expiresAtMs, discoveryUrl: issuer.discoveryUrl }, 201);
      },
    },
  ];
}
