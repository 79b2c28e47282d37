import type { PendingAuthentication, RequestHead } from '../../../auth/authenticator.ts';
import type { JwtAuthenticator, TokenTarget } from '../../../auth/jwt/jwt-authenticator.ts';
import type { TokenPrincipal } from '../../../auth/principal.ts';
import { BerthError } from '../../../shared/errors.ts';
import { HeldToken } from '../../../shared/held-token.ts';

/** Believes `authorization: Bearer USER`, and `Bearer client/NAME` of a client. */
export class FakeTokens implements Pick<JwtAuthenticator, 'begin'> {
  async begin(
    { headers }: RequestHead,
    { accountId, region, runtimeId }: TokenTarget,
  ): Promise<PendingAuthentication<TokenPrincipal>> {
    const [scheme, text] = headers.authorization?.split(' ') ?? [];
    if (scheme !== 'Bearer' || text === undefined)
      throw new BerthError('unauthorized', 'The request has no token.');
    const principal: TokenPrincipal = {
      accountId,
      region,
      runtimeId,
      kind: 'token',
      issuer: 'test',
      holder: text.startsWith('client/') ? 'client' : 'user',
      subject: text.replace(/^client\//, ''),
      held: new HeldToken(text),
    };
    return {
      claimedBodySha256: undefined,
      isBodySigned: false,
      principal,
      verifyBody: () => principal,
    };
  }
}
