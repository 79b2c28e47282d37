import type { TestContext } from 'node:test';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { fastify } from 'fastify';
import type { SecretAccessKey } from '../../../auth/access-keys.ts';
import { createSqlAuditStore } from '../../../auth/audit/sql-audit-store.ts';
import { RegistryTokens } from '../../../auth/registry-token.ts';
import { SigV4Authenticator } from '../../../auth/sigv4/sigv4-authenticator.ts';
import { openTestAccessKeys } from '../../../auth/testing/sql-access-keys.ts';
import { createSqlVault } from '../../../identity/vault/sql-vault.ts';
import { testAuthorizer } from '../../../auth/testing/test-authorizer.ts';
import type { TaggedImage } from '../../../images/repositories/repository-store.ts';
import type { Session } from '../../../sessions/session.ts';
import type { SessionStorage } from '../../../sessions/session-storage-store.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { Runtime } from '../../../runtimes/runtime.ts';
import { BerthError } from '../../../shared/errors.ts';
import { systemRandom, type VolumeId } from '../../../shared/ids.ts';
import { openDatabase } from '../../../storage/database.ts';
import { createSealedBox } from '../../../storage/sealed-box.ts';
import { type AdminApiParts, registerAdminApi } from '../register-admin-api.ts';
import { registerHealth } from '../register-health.ts';
import type { RegistryCredentials } from '../registry-routes.ts';
import { FakeLoad } from './fake-load.ts';
import { FakeSessions } from './fake-sessions.ts';

export interface AdminFixtureOptions {
  readonly areMetricsOpen?: boolean;
  readonly developmentIssuer?: AdminApiParts['developmentIssuer'];
  readonly sessions?: readonly Session[];
  readonly sessionStorage?: readonly SessionStorage[];
  readonly images?: readonly TaggedImage[];
  readonly notReady?: readonly string[];
}

/** Berth's own API on a port of its own, with real authentication and keys, and everything else faked. */
export async function startAdminApi(context: TestContext, options: AdminFixtureOptions = {}) {
  const opened = await openTestAccessKeys();
  const { key: admin } = await opened.accessKeys.ensureFirstAdminKey();
  const unexpected: unknown[] = [];
  const sessions = new FakeSessions(options.sessions ?? []);
  const gate = {
    authenticator: new SigV4Authenticator({
      accessKeys: opened.accessKeys,
      clock: systemClock,
      region: 'us-east-1',
    }),
    authorize: testAuthorizer(),
    clock: systemClock,
    random: systemRandom,
    events: { answered: () => {}, unexpected: (failure: unknown) => void unexpected.push(failure) },
  };
  const database = await openDatabase(':memory:');
  const { tokenVault, keyRing } = createSqlVault({
    database,
    jobs: { enqueue: async () => {}, wake: () => {} },
    sealedBox: createSealedBox(new Uint8Array(32)),
    transit: undefined,
    userOf: async () => undefined,
    clock: systemClock,
    random: systemRandom,
  });
  const app = fastify();
  registerAdminApi(app, {
    ...gate,
    audit: createSqlAuditStore({ database: opened.database, key: new Uint8Array(32) }),
    accessKeys: opened.accessKeys,
    tokenVault,
    keyRing,
    signingKeys: { rotate: async () => 'key-2' },
    registryTokens: new RegistryTokens({ serverSecret: new Uint8Array(32), clock: systemClock }),
    registryCredentials: new FakeRegistryCredentials(),
    server: {
      status: async () => ({
        version: '0.1.0',
        url: 'http://127.0.0.1:4700',
        region: 'us-east-1',
        accountId: '111122223333',
        startedAtMs: 1_000,
        engine: { description: 'fake engine', isolation: 'runc', isolations: ['runc'], warnings: [] },
        runtimes: 2,
        liveSessions: 3,
        imageStore: { usedPercent: 41.5, high: 85, low: 80, lastCollection: undefined },
      }),
    },
    sessions,
    sessionStorage: {
      list: async () => options.sessionStorage ?? [],
      usedBytes: async () => new Map([['vol-1' as VolumeId, 4_096]]),
      keepMs: 1_000,
    },
    load: new FakeLoad(),
    developmentIssuer: options.developmentIssuer,
    images: fakeImages(options.images ?? []),
    preparation: {
      findRuntime: async (id) =>
        id === 'hello-AbCdEf1234'
          ? ({ id, accountId: '111122223333', region: 'us-east-1' } as Runtime)
          : undefined,
      warningOf: async (_id, version) => (version === 3 ? 'It is emulated.' : undefined),
      progressOf: (_id, version) => (version === 2 ? { phase: 'pulling', done: 10, total: 30 } : undefined),
    },
    logs: {
      async open({ runtimeId, tail, follow }) {
        if (runtimeId !== 'hello-AbCdEf1234')
          throw new BerthError('not-found', `There is no runtime ${runtimeId}.`);
        return (async function* () {
          yield `tail ${tail} follow ${follow}\n`;
        })();
      },
    },
  });
  registerHealth(app, {
    ...gate,
    metrics: { render: () => 'berth_live_sessions 3\n' },
    notReady: async () => options.notReady ?? [],
    areMetricsOpen: options.areMetricsOpen ?? true,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  context.after(async () => {
    await app.close();
    await opened.close();
    await database.destroy();
  });
  const call = (
    method: string,
    path: string,
    given: { body?: object | string; key?: SecretAccessKey } = {},
  ) => signedFetch(url, method, path, { key: admin, ...given });
  return { url, admin, accessKeys: opened.accessKeys, sessions, unexpected, call };
}

async function signedFetch(
  url: string,
  method: string,
  path: string,
  { key, body }: { key: SecretAccessKey; body?: object | string },
): Promise<Response> {
  const { host, hostname, pathname, search, searchParams } = new URL(path, url);
  const text = typeof body === 'object' ? JSON.stringify(body) : body;
  const signer = new SignatureV4({
    credentials: { accessKeyId: key.id, secretAccessKey: key.secret },
    region: 'us-east-1',
    service: 'bedrock-agentcore',
    sha256: Sha256,
  });
  const { headers } = await signer.sign({
    method,
    protocol: 'http:',
    hostname,
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: { host },
    body: text,
  });
  return fetch(`${url}${pathname}${search}`, { method, headers, ...(text !== undefined && { body: text }) });
}

class FakeRegistryCredentials implements RegistryCredentials {
  readonly #byHost = new Map<string, { username: string; password: string }>();

  async list() {
    return [...this.#byHost].map(([host, stored]) => ({ host, updatedAtMs: 5, ...stored }));
  }

  async put({
    host,
    username,
    password,
  }: {
    host: string;
    username: string;
    password: string;
  }): Promise<void> {
    this.#byHost.set(host, { username, password });
  }

  async remove(host: string): Promise<boolean> {
    return this.#byHost.delete(host);
  }
}

function fakeImages(given: readonly TaggedImage[]) {
  const images = [...given];
  return {
    async listImages(after: { readonly repository: string; readonly tag: string }, limit: number) {
      const keyOf = ({ repository, tag }: { repository: string; tag: string }) => `${repository} ${tag}`;
      return images.filter((image) => keyOf(image) > keyOf(after)).slice(0, limit);
    },
    async removeManifest(repository: string, reference: string): Promise<void> {
      const index = images.findIndex((image) => image.repository === repository && image.tag === reference);
      if (index < 0)
        throw new BerthError('not-found', `The repository ${repository} has no image ${reference}.`);
      images.splice(index, 1);
    },
  };
}
