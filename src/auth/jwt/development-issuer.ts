import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, type JWK, SignJWT } from 'jose';
import type { Clock } from '../../shared/clock.ts';
import type { RandomSource } from '../../shared/ids.ts';
import type { Issuer } from './issuer.ts';

export interface DevelopmentIssuerParts {
  /** Base of the server's URLs. */
  readonly publicUrl: string;
  /** Of the public listener: the issuer is known there under every name of loopback. */
  readonly listenPort: number;
  /** Its RSA key, PKCS #8 in PEM. */
  readonly loadKey: () => Promise<string>;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: RandomSource;
}

export interface DevelopmentTokenRequest {
  readonly clientId: string;
  readonly username: string;
  readonly scopes: readonly string[];
  readonly lifetimeS: number;
}

interface SigningKey {
  readonly privateKey: KeyObject;
  readonly kid: string;
  readonly publicJwk: JWK;
}

/** Below the server's URL. */
export const issuerPath = '/berth-issuer';
export const discoveryPath = `${issuerPath}/.well-known/openid-configuration`;
export const keysPath = `${issuerPath}/keys`;

const algorithm = 'RS256';
const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

/** An issuer of one's own for trying out bearer callers without an identity provider. It knows no users: whoever is named is. */
export class DevelopmentIssuer {
  readonly #parts: DevelopmentIssuerParts;
  #key: Promise<SigningKey> | undefined;

  constructor(parts: DevelopmentIssuerParts) {
    this.#parts = parts;
  }

  /** What tokens have as `iss`. */
  get name(): string {
    return `${this.#parts.publicUrl}${issuerPath}`;
  }

  get discoveryUrl(): string {
    return `${this.#parts.publicUrl}${discoveryPath}`;
  }

  /** Whether a discovery URL is this issuer's, which is then asked for nothing over the network. */
  owns(discoveryUrl: string): boolean {
    if (discoveryUrl === this.discoveryUrl) return true;
    const url = URL.parse(discoveryUrl);
    return (
      url?.protocol === 'http:' &&
      loopbackNames.has(url.hostname) &&
      url.port === String(this.#parts.listenPort) &&
      url.pathname === discoveryPath
    );
  }

  /** The discovery document, as far as there is anything to discover: nobody logs in here. */
  document(): object {
    return {
      issuer: this.name,
      jwks_uri: `${this.#parts.publicUrl}${keysPath}`,
      id_token_signing_alg_values_supported: [algorithm],
      subject_types_supported: ['public'],
    };
  }

  async describe(): Promise<Issuer> {
    const { publicJwk } = await this.#signingKey();
    return { name: this.name, jwks: { keys: [publicJwk] } };
  }

  /** An access token in the shape of Cognito's: `client_id`, no `aud` (labs 4.2, 28). The same user has the same `sub`. */
  async issue({ clientId, username, scopes, lifetimeS }: DevelopmentTokenRequest) {
    const { privateKey, kid } = await this.#signingKey();
    const { clock, random } = this.#parts;
    const nowS = Math.floor(clock.now() / 1000);
    const claims = {
      sub: uuidOf(createHash('sha256').update(username).digest()),
      iss: this.name,
      client_id: clientId,
      token_use: 'access',
      scope: scopes.join(' '),
      auth_time: nowS,
      iat: nowS,
      exp: nowS + lifetimeS,
      jti: uuidOf(random(16)),
      username,
      version: 2,
    };
    const token = await new SignJWT(claims).setProtectedHeader({ alg: algorithm, kid }).sign(privateKey);
    return { token, expiresAtMs: claims.exp * 1000 };
  }

  #signingKey(): Promise<SigningKey> {
    this.#key ??= this.#loadKey().catch((error: unknown) => {
      this.#key = undefined;
      throw error;
    });
    return this.#key;
  }

  async #loadKey(): Promise<SigningKey> {
    const privateKey = createPrivateKey(await this.#parts.loadKey());
    const jwk = await exportJWK(createPublicKey(privateKey));
    const kid = await calculateJwkThumbprint(jwk);
    return { privateKey, kid, publicJwk: { ...jwk, kid, alg: algorithm, use: 'sig' } };
  }
}

/** From 16 bytes or more, marked as version 8: made by a rule of one's own. */
function uuidOf(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
