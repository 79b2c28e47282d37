import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

export interface OauthServerOptions {
  readonly callbackUrls: readonly string[];
  readonly secret: string;
  /** Of the client `key-client`, which proves itself by it. */
  readonly publicJwk: object;
  readonly accessTokenTtlS?: number;
  /** Whether authorization requests are taken directly (RFC 9126). */
  readonly takesPushed?: boolean;
}

const exchangeGrants = {
  'urn:ietf:params:oauth:grant-type:token-exchange': [
    ...['subject_token', 'subject_token_type', 'actor_token', 'actor_token_type'],
    ...['scope', 'audience', 'resource'],
  ],
  'urn:ietf:params:oauth:grant-type:jwt-bearer': ['assertion', 'requested_token_use', 'scope'],
};

/**
 * `oidc-provider` at an address of loopback, with its own pages for login and consent. Clients: `basic-client`, `post-client` with
 * the secret, `key-client` with the key. Exchanged tokens are of its own making, since it has no such grants.
 */
export class RealOauthServer implements AsyncDisposable {
  readonly #server: Server;
  #listener: RequestListener = () => {};
  readonly name: string;
  /** Parameters of the token requests that it took, in order. */
  readonly tokenRequests: Readonly<Record<string, unknown>>[] = [];
  readonly pushed: Readonly<Record<string, unknown>>[] = [];
  /** What it answered to them. */
  readonly tokenAnswers: Readonly<Record<string, unknown>>[] = [];
  /** Takes the place of the real one while it is set. */
  override: RequestListener | undefined;

  private constructor(server: Server, name: string) {
    this.#server = server;
    this.name = name;
    server.on('request', (request, response) => (this.override ?? this.#listener)(request, response));
  }

  static async start(options: OauthServerOptions): Promise<RealOauthServer> {
    const started = await RealOauthServer.listen();
    await started.open(options);
    return started;
  }

  /** Has its address from then on, and answers nobody before it is opened. */
  static async listen(): Promise<RealOauthServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return new RealOauthServer(server, `http://127.0.0.1:${port}`);
  }

  get discoveryUrl(): string {
    return `${this.name}/.well-known/openid-configuration`;
  }

  get grants(): readonly unknown[] {
    return this.tokenRequests.map((parameters) => parameters['grant_type']);
  }

  async open({ callbackUrls, secret, publicJwk, ...options }: OauthServerOptions): Promise<void> {
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    const grants = [
      'authorization_code',
      'refresh_token',
      'client_credentials',
      ...Object.keys(exchangeGrants),
    ];
    const client = {
      client_secret: secret,
      grant_types: grants,
      redirect_uris: [...callbackUrls],
      response_types: ['code' as const],
    };
    const provider = new Provider(this.name, {
      jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'first', alg: 'RS256', use: 'sig' }] },
      clients: [
        { ...client, client_id: 'basic-client', token_endpoint_auth_method: 'client_secret_basic' },
        { ...client, client_id: 'post-client', token_endpoint_auth_method: 'client_secret_post' },
        {
          ...client,
          client_id: 'key-client',
          token_endpoint_auth_method: 'private_key_jwt',
          token_endpoint_auth_signing_alg: 'ES256',
          jwks: { keys: [publicJwk] },
        },
      ],
      clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      enabledJWA: { clientAuthSigningAlgValues: ['ES256'] },
      cookies: { keys: [secret] },
      findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
      scopes: ['openid', 'offline_access', 'read', 'write'],
      pkce: { required: () => true },
      issueRefreshToken: () => true,
      rotateRefreshToken: true,
      ttl: {
        AccessToken: options.accessTokenTtlS ?? 3_600,
        ClientCredentials: options.accessTokenTtlS ?? 3_600,
        AuthorizationCode: 60,
        Grant: 86_400,
        // The flows' clock may be days ahead of this one.
        IdToken: 7 * 86_400,
        Interaction: 3_600,
        RefreshToken: 86_400,
        Session: 86_400,
      },
      features: {
        clientCredentials: { enabled: true },
        devInteractions: { enabled: true },
        pushedAuthorizationRequests: { enabled: options.takesPushed === true },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: (_context, resource) => ({
            scope: 'read write',
            audience: resource,
            accessTokenFormat: 'jwt',
            accessTokenTTL: 3_600,
            jwt: { sign: { alg: 'RS256' } },
          }),
        },
      },
    });
    for (const [name, parameters] of Object.entries(exchangeGrants)) {
      provider.registerGrantType(name, exchange, parameters, ['audience', 'resource']);
    }
    provider.use(async (context, next) => {
      await next();
      const { oidc } = context as { oidc?: { route?: string; params?: Record<string, unknown> } };
      if (oidc?.route === 'token') {
        this.tokenRequests.push({ ...oidc.params });
        this.tokenAnswers.push({ ...(context.body as object) });
      }
      if (oidc?.route === 'pushed_authorization_request') this.pushed.push({ ...oidc.params });
    });
    this.#listener = provider.callback();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

async function exchange(context: unknown): Promise<void> {
  const answered = context as {
    oidc: { params: Record<string, string | undefined> };
    status: number;
    body: object;
  };
  const { subject_token: subject, assertion, scope } = answered.oidc.params;
  const shown = subject ?? assertion ?? '';
  if (!shown.includes('.')) {
    answered.status = 400;
    answered.body = { error: 'invalid_grant', error_description: `not a token: ${shown}` };
    return;
  }
  answered.body = {
    access_token: `exchanged-${shown.slice(-8)}-${scope}`,
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    token_type: 'Bearer',
    expires_in: 300,
  };
}
