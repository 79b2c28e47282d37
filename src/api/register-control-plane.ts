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

/** For fastify's option `frameworkErrors`: a path that fastify cannot decode is the control plane's to refuse, too. */
export function refuseBadUrls(
  controlPlane: Pick<ControlPlane, 'handle'>,
): NonNullable<FastifyServerOptions['frameworkErrors']> {
  return (_error, request, reply) => {
    reply.hijack();
    void controlPlane.handle(request.raw, reply.raw);
  };
}
