import type { Authenticator, PendingAuthentication, RequestHead } from '../../../auth/authenticator.ts';
import { type KeyPrincipal, keyRoles, type SigningPrincipal } from '../../../auth/principal.ts';
import { testRole } from '../../../auth/role/testing/roles.ts';
import { BerthError } from '../../../shared/errors.ts';
import type { SessionId } from '../../../shared/ids.ts';
import { scope } from '../../../sessions/testing/sessions-fixture.ts';

/**
 * Believes `authorization: KEY ROLE`, `invoke` being short for `invoker`, and `AGENT SESSION-ID` of the agent of a runtime. A body is held to the hash in `x-amz-content-sha256`, which counts as claimed, or else in
 * `x-test-sha256`.
 */
export class FakeAuthenticator implements Authenticator<SigningPrincipal> {
  async begin({ headers }: RequestHead): Promise<PendingAuthentication<SigningPrincipal>> {
    const [accessKeyId, named] = headers.authorization?.split(' ') ?? [];
    if (accessKeyId === 'AGENT') {
      const agent = testRole({ sessionId: named as SessionId });
      return { claimedBodySha256: undefined, isBodySigned: false, principal: agent, verifyBody: () => agent };
    }
    const role = named === 'invoke' ? 'invoker' : keyRoles.find((known) => known === named);
    if (accessKeyId === undefined || role === undefined) {
      throw new BerthError('missing-authentication', 'The request is not signed.');
    }
    const principal: KeyPrincipal = { ...scope, kind: 'access-key', accessKeyId, role };
    const claimed = headers['x-amz-content-sha256'];
    const claimedBodySha256 = typeof claimed === 'string' ? claimed : undefined;
    const expected = claimedBodySha256 ?? headers['x-test-sha256'];
    return {
      claimedBodySha256,
      isBodySigned: true,
      principal,
      verifyBody(bodySha256) {
        if (expected !== undefined && expected !== bodySha256) {
          throw new BerthError('invalid-signature', 'The body is not the one that was signed.');
        }
        return principal;
      },
    };
  }
}
