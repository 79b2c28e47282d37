import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import type { JwtAuthorizer } from '../../shared/jwt-authorizer.ts';
import type { IssuerKeys, KeySet } from './issuer-keys.ts';
import { ruleProblem } from './token-rules.ts';

/** What a proven token says of its bearer. */
export interface TokenBearer {
  readonly issuer: string;
  /** A client acts for nobody else: its token has no `sub`. It and a user of the same name are two. */
  readonly holder: 'user' | 'client';
  /** Unique among the issuer's holders of its kind: `sub` of a user, `client_id` of a client. */
  readonly subject: string;
}

/** Signatures with public keys only: a shared secret, or none, proves nothing here. */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
const clockToleranceS = 60;
const longestToken = 16_384;
const longestName = 1_024;

/** Verifies bearer tokens (JWT, RFC 7519) for whatever authorizer they are shown to. Tokens are never repeated in errors. */
export class TokenVerifier {
  readonly #keys: Pick<IssuerKeys, 'current' | 'newerThan'>;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(parts: {
    readonly keys: Pick<IssuerKeys, 'current' | 'newerThan'>;
    readonly clock: Pick<Clock, 'now'>;
  }) {
    this.#keys = parts.keys;
    this.#clock = parts.clock;
  }

  /** Rejects with `unauthorized`, or with `unavailable` when the issuer's keys cannot be had. */
  async verify(token: string, authorizer: JwtAuthorizer): Promise<TokenBearer> {
    refuseMalformed(token);
    const { discoveryUrl } = authorizer;
    const claims = await this.#claimsOf(token, await this.#keys.current(discoveryUrl), (old) =>
      this.#keys.newerThan(old, discoveryUrl),
    );
    const problem = ruleProblem(claims, authorizer);
    if (problem !== undefined) throw refused(problem);
    return bearerOf(claims);
  }

  async #claimsOf(
    token: string,
    keys: KeySet,
    newerThan: (old: KeySet) => Promise<KeySet | undefined>,
  ): Promise<JWTPayload> {
    try {
      return await this.#verified(token, keys);
    } catch (error) {
      const newer = error instanceof errors.JWKSNoMatchingKey ? await newerThan(keys) : undefined;
      if (newer === undefined) throw explained(error);
      return this.#claimsOf(token, newer, async () => undefined);
    }
  }

  async #verified(token: string, { issuer, keyFor }: KeySet): Promise<JWTPayload> {
    const options = {
      algorithms,
      issuer,
      requiredClaims: ['exp'],
      clockTolerance: clockToleranceS,
      currentDate: new Date(this.#clock.now()),
    };
    try {
      return (await jwtVerify(token, keyFor, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      // The token does not say which key: each that could be it is tried.
      for await (const key of error) {
        try {
          return (await jwtVerify(token, key, options)).payload;
        } catch (failure) {
          if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure;
        }
      }
      throw new errors.JWSSignatureVerificationFailed();
    }
  }
}

/** Users share a client: what stands for the one whose `sub` cannot be taken would stand for them all. */
function bearerOf({ iss: issuer, sub, client_id: clientId }: JWTPayload): TokenBearer {
  if (issuer === undefined) throw refused('The token does not name its issuer (iss).');
  if (sub !== undefined) return { issuer, holder: 'user', subject: nameFrom('sub', sub) };
  if (clientId !== undefined) return { issuer, holder: 'client', subject: nameFrom('client_id', clientId) };
  throw refused('The token names nobody: it has neither sub nor client_id.');
}

function nameFrom(claim: string, value: unknown): string {
  if (typeof value === 'string' && value !== '' && value.length <= longestName) return value;
  throw refused(`The token's ${claim} must be a text of 1 to ${longestName} characters.`);
}

/** Costs nothing but a look: what cannot be good asks no issuer. */
function refuseMalformed(token: string): void {
  if (token.length > longestToken) throw refused(`The token is longer than ${longestToken} characters.`);
  let algorithm: string | undefined;
  try {
    if (token.split('.').length === 3) algorithm = decodeProtectedHeader(token).alg;
  } catch {
    // Told below, like any other text that is no token.
  }
  if (algorithm === undefined) throw refused('The bearer token is not a signed JWT.');
  if (!algorithms.includes(algorithm))
    throw refused('The token is not signed with an algorithm of public keys.');
}

/** What carries the token's claims is not kept as a cause. */
function explained(error: unknown): BerthError {
  if (error instanceof errors.JWTExpired) return refused('The token has expired.');
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'iss')
      return refused("The token's issuer (iss) is not the one that this runtime trusts.");
    if (error.claim === 'nbf') return refused('The token is not valid yet (nbf).');
    return refused(`The token's claim ${error.claim} is missing or malformed.`);
  }
  if (error instanceof errors.JWKSNoMatchingKey)
    return refused('The token is signed with a key that its issuer does not have.', error);
  return refused("The token's signature is not valid.", error);
}

function refused(message: string, cause?: unknown): BerthError {
  return new BerthError('unauthorized', message, { cause });
}
