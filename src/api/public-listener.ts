import type { IncomingMessage, ServerResponse } from 'node:http';
import { fastify, type FastifyInstance } from 'fastify';
import { BerthError, messageOf } from '../shared/errors.ts';
import type { ControlPlane } from './control-plane.ts';
import type { DataPlane } from './data/data-plane.ts';
import { HttpListener, type HttpListenerParts, type ListenerTls } from './http-listener.ts';
import { listeningDescriptor } from './listening-descriptor.ts';
import { registerRegistry } from './registry/register-registry.ts';
import type { RegistryApi } from './registry/registry-api.ts';
import { refuseBadUrls, registerControlPlane } from './register-control-plane.ts';

export interface PublicListenerParts extends Omit<HttpListenerParts, 'handle' | 'tls' | 'upgrades'> {
  /** For `listenWithTls`. */
  readonly tls: ListenerTls | undefined;
  readonly dataPlane: Pick<DataPlane, 'handles' | 'handle' | 'upgrades'>;
  readonly controlPlane: ControlPlane;
  readonly registry: RegistryApi;
  /** Mounts all other routes. */
  readonly register: (app: FastifyInstance, listener: Pick<HttpListener, 'isDraining'>) => void;
}

/** Listens once `listen` is called. Disposing drains it. */
export interface PublicListener extends AsyncDisposable {
  /** With `fd`, at a socket that listens already. */
  listen(host: string, port: number, fd?: number): Promise<void>;
  /** The same once more, with TLS; needs `tls`. Rejects with `unavailable` when the address is taken. */
  listenWithTls(host: string, port: number, fd?: number): Promise<void>;
  /** Of the two sockets, as far as they listen. */
  descriptors(): { readonly plain: number | undefined; readonly tls: number | undefined };
  /** As `HttpListener.stopAccepting`. */
  stopAccepting(): Promise<void>;
  /** Another process takes the new connections; resolves when this one's are closed. */
  leave(): Promise<void>;
}

/** The listener for everybody: the data plane as near to the sockets as can be, all else through fastify. */
export function openPublicListener(parts: PublicListenerParts): PublicListener {
  const { dataPlane, controlPlane, registry, register } = parts;
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    if (dataPlane.handles(request)) dataPlane.handle(request, response);
    else app.routing(request, response);
  };
  const { upgrades } = dataPlane;
  const listener = new HttpListener({ ...parts, handle, upgrades, tls: undefined });
  const tlsListener = parts.tls === undefined ? undefined : new HttpListener({ ...parts, handle, upgrades });
  const app = fastify({
    frameworkErrors: refuseBadUrls({ controlPlane, registry }),
    forceCloseConnections: 'idle',
    serverFactory: () => listener.server,
  });
  registerRegistry(app, registry);
  register(app, listener);
  app.register(async (rest) => registerControlPlane(rest, controlPlane));
  return {
    async listen(host, port, fd) {
      await app.ready();
      await listener.listen(host, port, fd);
    },
    descriptors: () => ({
      plain: listeningDescriptor(listener.server),
      tls: tlsListener && listeningDescriptor(tlsListener.server),
    }),
    async stopAccepting() {
      await Promise.all([listener.stopAccepting(), tlsListener?.stopAccepting()]);
    },
    async leave() {
      await Promise.all([listener.leave(), tlsListener?.leave()]);
    },
    async listenWithTls(host, port, fd) {
      await tlsListener?.listen(host, port, fd).catch((error: unknown) => {
        throw new BerthError(
          'unavailable',
          `The server cannot listen with TLS at ${host}, port ${port} (${messageOf(error)}). End what listens there, or choose another address with --tls-listen (BERTH_TLS_LISTEN).`,
          { cause: error },
        );
      });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([tlsListener?.drain(), listener.drain()]);
      await app.close();
    },
  };
}
