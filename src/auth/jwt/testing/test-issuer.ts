import { type CryptoKey, exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from 'jose';
import type { Issuer } from '../issuer.ts';

/** An issuer whose keys a test turns around; its tokens are good for an hour unless told otherwise. */
export class TestIssuer {
  readonly name: string;
  readonly discoveryUrl: string;
  readonly #now: () => number;
  readonly #keys: { readonly kid: string; readonly algorithm: string; readonly privateKey: CryptoKey }[] = [];
  jwks: JSONWebKeySet = { keys: [] };
  /** How often it was asked. */
  asked = 0;
  /** It does not answer. */
  isDown = false;

  private constructor(name: string, now: () => number) {
    this.name = name;
    this.discoveryUrl = `${name}/.well-known/openid-configuration`;
    this.#now = now;
  }

  static async create(now: () => number, name = 'https://issuer.example'): Promise<TestIssuer> {
    const issuer = new TestIssuer(name, now);
    await issuer.rotate('key-1');
    return issuer;
  }

  /** A new key instead of all before. */
  async rotate(kid: string, algorithm = 'ES256'): Promise<void> {
    this.jwks = { keys: [] };
    await this.addKey(kid, algorithm);
  }

  async addKey(kid: string, algorithm = 'ES256'): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
    this.#keys.push({ kid, algorithm, privateKey });
    this.jwks.keys.push({ ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' });
  }

  describe = async (): Promise<Issuer> => {
    this.asked += 1;
    if (this.isDown) throw new Error('it does not answer');
    return { name: this.name, jwks: structuredClone(this.jwks) };
  };

  /** By its newest key; a claim or header that is undefined is left out. */
  async sign(
    claims: Readonly<Record<string, unknown>> = {},
    header: { readonly kid?: string | undefined } = {},
  ): Promise<string> {
    const key = this.#keys.at(-1);
    if (key === undefined) throw new Error('The issuer has no key.');
    const nowS = Math.floor(this.#now() / 1000);
    const given = { iss: this.name, sub: 'user-1', iat: nowS, exp: nowS + 3_600, ...claims };
    const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    return new SignJWT(defined)
      .setProtectedHeader({ alg: key.algorithm, kid: key.kid, ...(header as { kid?: string }) })
      .sign(key.privateKey);
  }
}
