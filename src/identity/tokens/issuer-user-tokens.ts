import { decodeJwt } from 'jose';
import { BerthError } from '../../shared/errors.ts';
import type { RuntimeId, Scope } from '../../shared/ids.ts';
import type { JwtAuthorizer } from '../../shared/jwt-authorizer.ts';
import { identityNotFound } from '../workload-identities.ts';
import type { WorkloadIdentityStore } from '../workload-identity-store.ts';
import type { ProvenUser, UserTokens, WorkloadUser } from './workload-token.ts';

export interface ProvenBearer extends Omit<ProvenUser, 'kind'> {
  readonly holder: ProvenUser['kind'];
}

/** Verifies tokens with what issuers publish. */
export interface IssuerTokens {
  /** What the issuer's tokens have as `iss`. Rejects with `unavailable`. */
  issuerName(discoveryUrl: string): Promise<string>;
  /** Rejects with `unauthorized` or `unavailable`. */
  verify(token: string, authorizer: JwtAuthorizer): Promise<ProvenBearer>;
}

export interface IssuerUserTokensParts {
  readonly identities: Pick<WorkloadIdentityStore, 'find'>;
  /** Of the versions that a runtime serves now. */
  readonly authorizersOf: (runtimeId: RuntimeId) => Promise<readonly JwtAuthorizer[]>;
  /** Discovery URLs of issuers that are trusted for every workload. */
  readonly trustedIssuers: readonly string[];
  readonly tokens: IssuerTokens;
}

/**
 * Users known by tokens of the issuers that their workload's own runtime takes, by its rules, or that the whole server trusts. A
 * token goes to the verifiers of its own issuer only.
 */
export class IssuerUserTokens implements UserTokens {
  readonly #parts: IssuerUserTokensParts;

  constructor(parts: IssuerUserTokensParts) {
    this.#parts = parts;
  }

  async verify(scope: Scope, workload: string, userToken: string): Promise<WorkloadUser> {
    const trusted = await this.#authorizersFor(scope, workload);
    const takers = await this.#ofIssuer(issuerOf(userToken), trusted);
    let refusal = untrusted(workload);
    for (const authorizer of takers) {
      try {
        const { holder: kind, issuer, subject } = await this.#parts.tokens.verify(userToken, authorizer);
        return { kind, issuer, subject };
      } catch (error) {
        if (!(error instanceof BerthError && error.code === 'unauthorized')) throw error;
        refusal = error;
      }
    }
    throw refusal;
  }

  async #authorizersFor(scope: Scope, workload: string): Promise<readonly JwtAuthorizer[]> {
    const { identities, authorizersOf, trustedIssuers } = this.#parts;
    const identity = await identities.find(scope, workload);
    if (identity === undefined) throw identityNotFound(scope, workload);
    const { ownerRuntimeId } = identity;
    const own = ownerRuntimeId === undefined ? [] : await authorizersOf(ownerRuntimeId);
    return [...own, ...trustedIssuers.map((discoveryUrl) => ({ discoveryUrl }))];
  }

  /** One issuer that does not answer keeps nobody else's users out. */
  async #ofIssuer(name: string, trusted: readonly JwtAuthorizer[]): Promise<readonly JwtAuthorizer[]> {
    const names = await Promise.allSettled(
      trusted.map(({ discoveryUrl }) => this.#parts.tokens.issuerName(discoveryUrl)),
    );
    const takers = trusted.filter((_, index) => {
      const outcome = names[index];
      return outcome?.status === 'fulfilled' && outcome.value === name;
    });
    const failure = names.find((outcome) => outcome.status === 'rejected');
    if (takers.length === 0 && failure !== undefined) throw failure.reason;
    return takers;
  }
}

/** What an unproven token says; it only chooses whom to ask. */
function issuerOf(token: string): string {
  try {
    const { iss } = decodeJwt(token);
    if (iss !== undefined) return iss;
  } catch {
    // Told below, like any other text that is no token.
  }
  throw new BerthError('unauthorized', 'The user token is not a signed JWT with an issuer (iss).');
}

function untrusted(workload: string): BerthError {
  return new BerthError(
    'access-denied',
    `The user token is of an issuer that is not trusted for the workload identity ${workload}. Trusted are the issuers of its own runtime's customJWTAuthorizer, and those of the server setting BERTH_USER_TOKEN_ISSUERS.`,
  );
}
