import type { Authenticator, PendingAuthentication, RequestHead } from '../../auth/authenticator.ts';
import type { JwtAuthenticator } from '../../auth/jwt/jwt-authenticator.ts';
import type { SigningPrincipal } from '../../auth/principal.ts';
import type { InvocationTarget } from '../../runtimes/runtime.ts';
import { BerthError } from '../../shared/errors.ts';
import type { DataAuthenticator } from './data-call.ts';
import { challengeFor } from './protected-resource.ts';

export interface TargetAuthenticatorParts {
  readonly signatures: Authenticator<SigningPrincipal>;
  readonly tokens: Pick<JwtAuthenticator, 'begin'>;
  /** Base of URLs in challenges; undefined: the server as its caller knows it. */
  readonly publicUrl: string | undefined;
}

/**
 * A version with an authorizer takes bearer tokens, any other takes AWS signatures, and neither takes both (contract 1.7). Where
 * there is no target only a signature can prove anything.
 */
export class TargetAuthenticator implements DataAuthenticator {
  readonly #parts: TargetAuthenticatorParts;

  constructor(parts: TargetAuthenticatorParts) {
    this.#parts = parts;
  }

  async begin(head: RequestHead, target: InvocationTarget | undefined): Promise<PendingAuthentication> {
    const { signatures, tokens, publicUrl } = this.#parts;
    const authorizer = target?.version.authorizer;
    if (target === undefined || authorizer === undefined) return signatures.begin(head);
    const { accountId, region, id: runtimeId } = target.runtime;
    try {
      return await tokens.begin(head, { accountId, region, runtimeId, authorizer });
    } catch (error) {
      if (!(error instanceof BerthError && error.code === 'unauthorized')) throw error;
      const challenge = challengeFor({ target, authorizer, head, publicUrl });
      throw new BerthError('unauthorized', error.message, { cause: error, challenge });
    }
  }
}
