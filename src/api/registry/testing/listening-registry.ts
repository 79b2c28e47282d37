import { fastify } from 'fastify';
import type { KeyRole } from '../../../auth/principal.ts';
import { RegistryAuthenticator } from '../../../auth/registry-authenticator.ts';
import { RegistryTokens } from '../../../auth/registry-token.ts';
import { FakeAudit } from '../../../auth/testing/fake-audit.ts';
import { testAuthorizer } from '../../../auth/testing/test-authorizer.ts';
import { openTestImages, type TestImages } from '../../../images/testing/sql-images.ts';
import { systemClock } from '../../../shared/clock.ts';
import { type AccountId, systemRandom } from '../../../shared/ids.ts';
import { registerRegistry } from '../register-registry.ts';
import { RegistryApi } from '../registry-api.ts';
import { RegistryLogin } from '../registry-login.ts';

export interface ListeningRegistry extends AsyncDisposable {
  readonly images: TestImages;
  readonly host: string;
  /** User and password of `docker login`, for an admin key. */
  readonly admin: string;
  /** The same for a key that may only invoke. */
  readonly invoke: string;
  /** The same for a deployer's key that is limited to runtimes named `Team_A_*`. */
  readonly limited: string;
  readonly audit: FakeAudit;
  /** Failures that nobody expected. */
  readonly unexpected: unknown[];
  /** Images that were announced as pushed. */
  readonly pushed: { readonly repository: string; readonly reference: string; readonly digest: string }[];
  /** Sends one request, as the admin unless told otherwise. */
  call(method: string, path: string, options?: CallOptions): Promise<Response>;
}

export interface CallOptions {
  /** Value of the Authorization header; null sends none. */
  readonly authorization?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | ReadableStream;
}

const serverSecret = new Uint8Array(32).fill(7);
const rolesOfKeys: Readonly<Record<string, KeyRole>> = { admin: 'admin', limited: 'deployer' };

/** A registry on a port of its own, with the real authenticator and stores in memory. */
export async function listenWithRegistry(
  limits: { maxOpen?: number; maxBlobBytes?: number } = {},
): Promise<ListeningRegistry> {
  const images = await openTestImages(limits);
  const { clock } = images;
  const registryTokens = new RegistryTokens({ serverSecret, clock });
  const keys = ['admin', 'invoke', 'limited'].map((name) => ({
    id: `AKIATEST${name.toUpperCase()}`,
    secret: `secret of ${name}`,
    name,
    role: rolesOfKeys[name] ?? ('invoker' as const),
    limits: name === 'limited' ? { runtimes: ['Team_A_*'] } : undefined,
    accountId: '123456789012' as AccountId,
    region: 'us-west-2',
    createdAtMs: 0,
    revokedAtMs: undefined,
  }));
  const accessKeys = { find: async (id: string) => keys.find((key) => key.id === id) };
  const authenticator = new RegistryAuthenticator({ accessKeys, registryTokens, serverSecret, clock });

  const app = fastify();
  const unexpected: unknown[] = [];
  const audit = new FakeAudit();
  const pushed: { repository: string; reference: string; digest: string }[] = [];
  let api: RegistryApi | undefined;
  registerRegistry(app, { handle: async (request, response) => api?.handle(request, response) });
  const publicUrl = await app.listen({ host: '127.0.0.1', port: 0 });
  api = new RegistryApi({
    ...images,
    login: new RegistryLogin({ authenticator, publicUrl }),
    authorize: testAuthorizer(),
    audit,
    clock: systemClock,
    random: systemRandom,
    events: {
      unexpected: ({ error }) => void unexpected.push(error),
      imagePushed: (image) => void pushed.push(image),
    },
  });
  const admin = `AWS:${registryTokens.issue('AKIATESTADMIN').password}`;
  return {
    images,
    host: new URL(publicUrl).host,
    admin,
    invoke: `AWS:${registryTokens.issue('AKIATESTINVOKE').password}`,
    limited: `AWS:${registryTokens.issue('AKIATESTLIMITED').password}`,
    unexpected,
    audit,
    pushed,
    call(method, path, { authorization = toBasic(admin), headers, body } = {}) {
      return fetch(new URL(path, publicUrl), {
        method,
        headers: { ...headers, ...(authorization !== null && { authorization }) },
        ...(body !== undefined && { body, duplex: 'half' }),
      });
    },
    async [Symbol.asyncDispose]() {
      app.server.closeAllConnections();
      await app.close();
      await images[Symbol.asyncDispose]();
    },
  };
}

export function toBasic(login: string): string {
  return `Basic ${Buffer.from(login).toString('base64')}`;
}
