import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

/** What a test asks of one token. */
export interface TokenWish {
  readonly client?: string;
  /** The resource that it is for, which becomes its `aud`. */
  readonly resource?: string;
  readonly scope?: string;
}

const secret = 'a secret of the tests, and of nothing else';

/** `oidc-provider` at an address of loopback, giving JWT access tokens to clients that log in with a secret. */
export class RealIssuer implements AsyncDisposable {
  readonly #server: Server;
  #provider: RequestListener = () => {};
  readonly name: string;

  private constructor(server: Server, name: string) {
    this.#server = server;
    this.name = name;
    server.on('request', (request, response) => this.#provider(request, response));
  }

  static async start(): Promise<RealIssuer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const issuer = new RealIssuer(server, `http://127.0.0.1:${port}`);
    await issuer.rotate('first');
    return issuer;
  }

  get discoveryUrl(): string {
    return `${this.name}/.well-known/openid-configuration`;
  }

  /** The same issuer with a new key instead of the old one. */
  async rotate(kid: string): Promise<void> {
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' };
    const provider = new Provider(this.name, {
      jwks: { keys: [jwk] },
      clients: ['web', 'other'].map((name) => ({
        client_id: name,
        client_secret: secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      })),
      cookies: { keys: [secret] },
      scopes: ['read', 'write'],
      extraTokenClaims: (_context, token) => ({ groups: [`team-${token.clientId}`, 'everybody'] }),
      features: {
        clientCredentials: { enabled: true },
        devInteractions: { enabled: false },
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
    this.#provider = provider.callback();
  }

  async token({ client = 'web', resource = 'urn:agents', scope = 'read' }: TokenWish = {}): Promise<string> {
    const answer = await fetch(`${this.name}/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${client}:${encodeURIComponent(secret)}`).toString('base64')}`,
      },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource, scope }),
    });
    const body = (await answer.json()) as { access_token?: string };
    if (body.access_token === undefined) throw new Error(`No token: ${JSON.stringify(body)}`);
    return body.access_token;
  }

  /** It answers nobody any more. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
