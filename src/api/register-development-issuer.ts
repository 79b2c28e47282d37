import type { FastifyInstance } from 'fastify';
import { type DevelopmentIssuer, discoveryPath, keysPath } from '../auth/jwt/development-issuer.ts';

/** The documents of the server's own issuer, for agents that verify tokens themselves. Without one there is nothing at its paths. */
export function registerDevelopmentIssuer(
  app: FastifyInstance,
  issuer: Pick<DevelopmentIssuer, 'document' | 'describe'> | undefined,
): void {
  if (issuer === undefined) return;
  app.get(discoveryPath, async () => issuer.document());
  app.get(keysPath, async () => (await issuer.describe()).jwks);
}
