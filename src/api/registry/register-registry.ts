import type { FastifyInstance } from 'fastify';
import type { RegistryApi } from './registry-api.ts';

/** Mounts the registry at /v2/, with paths and bodies untouched. Works in a context of its own, whatever parsers `app` has. */
export function registerRegistry(app: FastifyInstance, registry: Pick<RegistryApi, 'handle'>): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    for (const url of ['/v2', '/v2/*']) {
      scope.all(url, async (request, reply) => {
        reply.hijack();
        await registry.handle(request.raw, reply.raw);
      });
    }
  });
}
