import { BerthError } from '../../shared/errors.ts';
import { HeldToken } from '../../shared/held-token.ts';
import type { Scope } from '../../shared/ids.ts';
import type { JwtAuthorizer } from '../../shared/jwt-authorizer.ts';
import type { PendingAuthentication, RequestHead } from '../authenticator.ts';
import type { TokenPrincipal } from '../principal.ts';
import type { TokenVerifier } from './token-verifier.ts';

/** What a token is shown to. */
export interface TokenTarget extends Scope {
  readonly runtimeId: string;
  readonly authorizer: JwtAuthorizer;
}

/** `Authorization: Bearer` with a JWT (RFC 6750, 2.1), as the target's authorizer wants it. */
export class JwtAuthenticator {
  readonly #verifier: Pick<TokenVerifier, 'verify'>;

  constructor(parts: { readonly verifier: Pick<TokenVerifier, 'verify'> }) {
    this.#verifier = parts.verifier;
  }

  /**
   * Rejects with `access-denied` for an AWS signature, `unauthorized` without a token that the authorizer takes, `unavailable`
   * when that cannot be told now.
   */
  async begin(head: RequestHead, target: TokenTarget): Promise<PendingAuthentication<TokenPrincipal>> {
    const { accountId, region, runtimeId, authorizer } = target;
    const token = readBearer(head);
    const bearer = await this.#verifier.verify(token, authorizer);
    const held = new HeldToken(token);
    const principal: TokenPrincipal = { kind: 'token', accountId, region, runtimeId, ...bearer, held };
    return {
      claimedBodySha256: undefined,
      isBodySigned: false,
      principal,
      verifyBody: () => principal,
    };
  }
}

function readBearer({ headers, rawHeaders = [], rawUrl }: RequestHead): string {
  const { authorization = '' } = headers;
  const isSigned = /^AWS4-/i.test(authorization) || /[?&]X-Amz-(?:Signature|Algorithm)=/i.test(rawUrl);
  if (isSigned) {
    throw new BerthError(
      'access-denied',
      'Authorization method mismatch: the resource is configured for a different authorization token type. It takes a bearer token, not an AWS signature.',
    );
  }
  if (authorization === '')
    throw new BerthError(
      'unauthorized',
      "The request has no token. Send one of this runtime's issuer in the header Authorization: Bearer.",
    );
  const count = rawHeaders.filter(
    (text, at) => at % 2 === 0 && text.toLowerCase() === 'authorization',
  ).length;
  const token = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization)?.[1];
  if (token !== undefined && count < 2) return token;
  throw new BerthError('unauthorized', 'The Authorization header must be, once, Bearer and a token.');
}
