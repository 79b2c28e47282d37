import type { PendingAuthentication, RequestHead } from '../../../auth/authenticator.ts';
import type { KeyPrincipal, TokenPrincipal } from '../../../auth/principal.ts';
import { BerthError } from '../../../shared/errors.ts';
import { echo, scope } from '../../../sessions/testing/sessions-fixture.ts';
import type { DataAuthenticator } from '../data-call.ts';

/**
 * Believes `authorization: KEY ROLE`, and `Bearer USER` on the runtime `echo`. A key's body is held to the hash in `x-amz-content-sha256`, which counts as claimed, or else in
 * `x-test-sha256`.
 */
export class FakeAuthenticator implements DataAuthenticator {
  async begin({ headers }: RequestHead): Promise<PendingAuthentication> {
    const [accessKeyId, role] = headers.authorization?.split(' ') ?? [];
    if (accessKeyId === 'Bearer' && role !== undefined) return believe(role);
    if (accessKeyId === undefined || (role !== 'admin' && role !== 'invoke')) {
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

function believe(subject: string): PendingAuthentication {
  const principal: TokenPrincipal = { ...scope, kind: 'token', issuer: 'test', subject, runtimeId: echo };
  return {
    claimedBodySha256: undefined,
    isBodySigned: false,
    principal,
    verifyBody: () => principal,
  };
}
