import type { IncomingMessage, ServerResponse } from 'node:http';
import { fastify, type FastifyInstance } from 'fastify';
import type { ControlPlane } from './control-plane.ts';
import type { DataPlane } from './data/data-plane.ts';
import { HttpListener, type HttpListenerParts } from './http-listener.ts';
import { registerRegistry } from './registry/register-registry.ts';
import type { RegistryApi } from './registry/registry-api.ts';
import { refuseBadUrls, registerControlPlane } from './register-control-plane.ts';

export interface PublicListenerParts extends Omit<HttpListenerParts, 'handle' | 'upgrades'> {
  readonly dataPlane: Pick<DataPlane, 'handles' | 'handle' | 'upgrades'>;
  readonly controlPlane: ControlPlane;
  readonly registry: RegistryApi;
  /** Mounts all other routes. */
  readonly register: (app: FastifyInstance, listener: Pick<HttpListener, 'isDraining'>) => void;
}

/** Listens once `listen` is called. Disposing drains it. */
export interface PublicListener extends AsyncDisposable {
  listen(host: string, port: number): Promise<void>;
}

/** The listener for everybody: the data plane as near to the sockets as can be, all else through fastify. */
export function openPublicListener(parts: PublicListenerParts): PublicListener {
  const { dataPlane, controlPlane, registry, register } = parts;
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    if (dataPlane.handles(request)) dataPlane.handle(request, response);
    else app.routing(request, response);
  };
  const listener = new HttpListener({ ...parts, handle, upgrades: dataPlane.upgrades });
  const app = fastify({
    frameworkErrors: refuseBadUrls({ controlPlane, registry }),
    forceCloseConnections: 'idle',
    serverFactory: () => listener.server,
  });
  registerRegistry(app, registry);
  register(app, listener);
  app.register(async (rest) => registerControlPlane(rest, controlPlane));
  return {
    async listen(host, port) {
      await app.listen({ host, port });
    },
    [Symbol.asyncDispose]: () => listener.drain(() => app.close()),
  };
}
