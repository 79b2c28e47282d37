import type { FastifyInstance } from 'fastify';
import type { AuditStore } from '../../auth/audit/audit-store.ts';
import type { AccessKeys } from '../../auth/access-keys.ts';
import type { DevelopmentIssuer } from '../../auth/jwt/development-issuer.ts';
import type { SigningKeys } from '../../identity/tokens/signing-keys.ts';
import { AdminGate, type AdminGateParts } from './admin-gate.ts';
import type { AdminRoute } from './admin-request.ts';
import { auditRoutes } from './audit-routes.ts';
import { developmentIssuerRoutes } from './development-issuer-routes.ts';
import { identityRoutes } from './identity-routes.ts';
import { type ImagesView, imageRoutes } from './image-routes.ts';
import { type KeyRingView, kmsRoutes } from './kms-routes.ts';
import { keyRoutes } from './key-routes.ts';
import { loadRoutes, type LoadView } from './load-routes.ts';
import { logRoutes, type LogsView } from './log-routes.ts';
import { preparationRoutes, type PreparationView } from './preparation-routes.ts';
import { registryRoutes, type RegistryRoutesParts } from './registry-routes.ts';
import { serverRoutes, type ServerView } from './server-routes.ts';
import { type SessionStorageView, sessionStorageRoutes } from './session-storage-routes.ts';
import { type VaultView, vaultRoutes } from './vault-routes.ts';
import { sessionRoutes, type SessionsView } from './session-routes.ts';

export interface AdminApiParts extends AdminGateParts, RegistryRoutesParts {
  readonly accessKeys: Pick<AccessKeys, 'list' | 'create' | 'revoke'>;
  readonly tokenVault: VaultView;
  readonly keyRing: KeyRingView;
  readonly signingKeys: Pick<SigningKeys, 'rotate'>;
  readonly audit: Pick<AuditStore, 'listAfter' | 'listBefore' | 'verify'>;
  readonly server: ServerView;
  readonly sessions: SessionsView;
  readonly sessionStorage: SessionStorageView;
  readonly images: ImagesView;
  readonly logs: LogsView;
  readonly preparation: PreparationView;
  readonly load: LoadView;
  readonly developmentIssuer: Pick<DevelopmentIssuer, 'discoveryUrl' | 'issue'> | undefined;
}

const root = '/berth/v1';

/** Mounts Berth's own API at /berth/v1, for the public listener only. docs/admin-api.md describes it. */
export function registerAdminApi(app: FastifyInstance, parts: AdminApiParts): void {
  const routes: readonly AdminRoute[] = [
    ...serverRoutes(parts.server),
    ...auditRoutes(parts.audit),
    ...keyRoutes(parts.accessKeys),
    ...vaultRoutes(parts.tokenVault),
    ...kmsRoutes(parts.keyRing),
    ...identityRoutes(parts.signingKeys),
    ...registryRoutes(parts),
    ...sessionRoutes(parts.sessions),
    ...sessionStorageRoutes(parts.sessionStorage),
    ...loadRoutes(parts.load),
    ...imageRoutes(parts.images),
    ...logRoutes(parts.logs),
    ...preparationRoutes(parts.preparation),
    ...developmentIssuerRoutes(parts.developmentIssuer),
  ];
  const gate = new AdminGate({ ...parts, root, routes });
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.all(`${root}/*`, async (request, reply) => {
      reply.hijack();
      await gate.handle(request.raw, reply.raw);
    });
  });
}
