import type { FastifyInstance } from 'fastify';
import { AdminGate, type AdminGateParts } from './admin-gate.ts';
import { type AdminRoute, metricsType } from './admin-request.ts';

export interface HealthParts extends AdminGateParts {
  readonly metrics: { render(): string };
  /** What keeps the server from serving, each a sentence; none when it is ready. */
  readonly notReady: () => Promise<readonly string[]>;
  /** Whether anyone may read the metrics, because only this machine can call; else only an admin may. */
  readonly areMetricsOpen: boolean;
}

/** /healthz (the process answers), /readyz (it can serve), /metrics. For the public listener only. */
export function registerHealth(app: FastifyInstance, parts: HealthParts): void {
  const { metrics, notReady, areMetricsOpen } = parts;
  app.get('/healthz', async (_request, reply) => reply.type('text/plain').send('ok\n'));
  app.get('/readyz', async (_request, reply) => {
    const reasons = await notReady();
    const text = reasons.length === 0 ? 'ok\n' : reasons.map((reason) => `${reason}\n`).join('');
    return reply
      .code(reasons.length === 0 ? 200 : 503)
      .type('text/plain')
      .send(text);
  });
  if (areMetricsOpen) {
    app.get('/metrics', async (_request, reply) => reply.type(metricsType).send(metrics.render()));
    return;
  }
  const route: AdminRoute = {
    method: 'GET',
    path: '/metrics',
    action: 'berth:GetMetrics',
    answer: async () => ({ kind: 'metrics', text: metrics.render() }),
  };
  const gate = new AdminGate({ ...parts, root: '', routes: [route] });
  app.get('/metrics', async (request, reply) => {
    reply.hijack();
    await gate.handle(request.raw, reply.raw);
  });
}
