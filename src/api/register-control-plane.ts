import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import type { ControlPlane } from './control-plane.ts';

/** Hands every request of `app` that no other route takes to the control plane, its path and body untouched. */
export function registerControlPlane(app: FastifyInstance, controlPlane: Pick<ControlPlane, 'handle'>): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.all('/*', async (request, reply) => {
    reply.hijack();
    await controlPlane.handle(request.raw, reply.raw);
  });
}

interface RequestHandler {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** For fastify's option `frameworkErrors`: a path that fastify cannot decode is refused by whoever it would have gone to. */
export function refuseBadUrls(parts: {
  readonly controlPlane: RequestHandler;
  readonly registry: RequestHandler;
}): NonNullable<FastifyServerOptions['frameworkErrors']> {
  return (_error, request, reply) => {
    reply.hijack();
    const refuser = request.raw.url?.startsWith('/v2/') === true ? parts.registry : parts.controlPlane;
    void refuser.handle(request.raw, reply.raw);
  };
}
