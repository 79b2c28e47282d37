import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { fastify } from 'fastify';
import { AuditLog } from '../../auth/audit/audit-log.ts';
import { auditedProof } from '../../auth/audit/audited-proof.ts';
import type { NewAuditEntry } from '../../auth/audit/audit-entry.ts';
import { createSqlAuditStore } from '../../auth/audit/sql-audit-store.ts';
import { AccessKeys, type SecretAccessKey } from '../../auth/access-keys.ts';
import { createAuthorizer } from '../../auth/authorize.ts';
import { SqlAccessKeyStore } from '../../auth/sql-access-key-store.ts';
import { createSees } from '../../auth/sees.ts';
import { SigV4Authenticator } from '../../auth/sigv4/sigv4-authenticator.ts';
import type { Session } from '../../sessions/session.ts';
import { systemClock } from '../../shared/clock.ts';
import { systemRandom } from '../../shared/ids.ts';
import { openDatabase } from '../../storage/database.ts';
import { IdempotencyStore } from '../../storage/idempotency-store.ts';
import { createSealedBox } from '../../storage/sealed-box.ts';
import { AdminGate } from '../admin/admin-gate.ts';
import { auditRoutes } from '../admin/audit-routes.ts';
import { keyRoutes } from '../admin/key-routes.ts';
import { sessionRoutes } from '../admin/session-routes.ts';
import { FakeSessions } from '../admin/testing/fake-sessions.ts';
import { ControlPlane } from '../control-plane.ts';
import { caller, controlFixture } from '../control/testing/control-fixture.ts';
import { Idempotency } from '../idempotency.ts';
import { loadServiceOperations } from '../model/service-operation.ts';
import { RateLimits } from '../rate-limits.ts';
import { ratesOf } from './rates.ts';
import { registerControlPlane } from '../register-control-plane.ts';

const { accountId, region } = caller.principal;
const root = '/berth/v1';
const auditKey = new Uint8Array(32).fill(3);

/** The control plane and the part of Berth's own API that is about access, over HTTP, with real keys, stores and audit log. */
export async function accessFixture(options: { readonly sessions?: readonly Session[] } = {}) {
  const database = await openDatabase(':memory:');
  const control = await controlFixture({ database });
  const accessKeys = new AccessKeys({
    store: new SqlAccessKeyStore({ database, sealedBox: createSealedBox(new Uint8Array(32)) }),
    scope: { accountId, region },
    clock: systemClock,
    random: systemRandom,
  });
  const unexpected: unknown[] = [];
  const stored = createSqlAuditStore({ database, key: auditKey });
  const disk = { isFull: false };
  const auditStore = {
    ...stored,
    append: (entries: readonly NewAuditEntry[]) =>
      disk.isFull ? Promise.reject(new Error('no space left')) : stored.append(entries),
  };
  const audit = new AuditLog({
    store: auditStore,
    limits: { entries: 10_000, ageMs: undefined },
    clock: systemClock,
    events: { auditDelayed: () => {}, auditLost: () => {} },
  });
  const signatures = new SigV4Authenticator({ accessKeys, clock: systemClock, region });
  const pipeline = {
    authenticator: { begin: auditedProof((head) => signatures.begin(head), { audit }) },
    authorize: createAuthorizer({ facts: control.facts, audit, clock: systemClock }),
    events: {
      answered: () => {},
      unexpected: ({ error }: { error: unknown }) => void unexpected.push(error),
    },
    clock: systemClock,
    random: systemRandom,
  };
  const controlPlane = new ControlPlane({
    ...pipeline,
    model: loadServiceOperations(),
    operations: control.operations,
    idempotency: new Idempotency({ store: new IdempotencyStore({ database }), clock: systemClock }),
    rateLimits: new RateLimits({ clock: systemClock }),
    quotas: ratesOf(),
  });
  const sessions = Object.assign(new FakeSessions(options.sessions ?? []), {
    sees: createSees(control.facts),
  });
  const routes = [...keyRoutes(accessKeys), ...auditRoutes(stored), ...sessionRoutes(sessions)];
  const gate = new AdminGate({ ...pipeline, root, routes });
  const app = fastify();
  app.register(async (admin) => {
    admin.removeAllContentTypeParsers();
    admin.addContentTypeParser('*', (_request, _payload, done) => done(null));
    admin.all(`${root}/*`, async (request, reply) => {
      reply.hijack();
      await gate.handle(request.raw, reply.raw);
    });
  });
  app.register(async (rest) => registerControlPlane(rest, controlPlane));
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  const { key: admin } = await accessKeys.ensureFirstAdminKey();
  return {
    ...{ database, control, accessKeys, admin, audit, disk, sessions, unexpected },
    /** The AWS SDK, with this key. */
    client: (key: SecretAccessKey = admin) =>
      new BedrockAgentCoreControlClient({
        ...{ endpoint, region, maxAttempts: 1 },
        credentials: { accessKeyId: key.id, secretAccessKey: key.secret },
      }),
    /** Berth's own API: status and JSON. */
    async call(key: SecretAccessKey, method: string, path: string, body?: object) {
      const { host, hostname, pathname, search, searchParams } = new URL(`${root}${path}`, endpoint);
      const text = body && JSON.stringify(body);
      const signer = new SignatureV4({
        credentials: { accessKeyId: key.id, secretAccessKey: key.secret },
        ...{ region, service: 'bedrock-agentcore', sha256: Sha256 },
      });
      const query = Object.fromEntries(searchParams);
      const unsigned = { method, protocol: 'http:', hostname, path: pathname, query, headers: { host } };
      const { headers } = await signer.sign({ ...unsigned, body: text });
      const answer = await fetch(`${endpoint}${pathname}${search}`, {
        ...{ method, headers },
        ...(text !== undefined && { body: text }),
      });
      const answered = await answer.text();
      return { status: answer.status, value: answered === '' ? {} : JSON.parse(answered) };
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      await audit[Symbol.asyncDispose]();
      await control[Symbol.asyncDispose]();
      await database.destroy();
    },
  };
}
