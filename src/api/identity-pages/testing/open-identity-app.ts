import type { Server } from 'node:http';
import { fastify } from 'fastify';
import type { ControlPlane } from '../../control-plane.ts';
import { registerControlPlane } from '../../register-control-plane.ts';
import { type IdentityPagesParts, registerIdentityPages } from '../register-identity-pages.ts';

/** Pages and operations behind a server that listens already, so that its address is known before they are made. */
export async function openIdentityApp(
  server: Server,
  parts: { readonly pages: IdentityPagesParts; readonly controlPlane: ControlPlane },
): Promise<AsyncDisposable> {
  const app = fastify({
    forceCloseConnections: true,
    serverFactory: (handler) => server.on('request', handler),
  });
  registerIdentityPages(app, parts.pages);
  app.register(async (rest) => registerControlPlane(rest, parts.controlPlane));
  await app.ready();
  return {
    async [Symbol.asyncDispose]() {
      await app.close();
      server.closeAllConnections();
      server.close();
    },
  };
}
