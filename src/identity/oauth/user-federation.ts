import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import { type RandomSource, randomText, type Scope } from '../../shared/ids.ts';
import type { OauthProvider } from '../providers/credential-provider.ts';
import { userKey, type WorkloadUser } from '../tokens/workload-token.ts';
import type { WorkloadIdentityStore } from '../workload-identity-store.ts';
import { authorizationParameters } from './authorization-request.ts';
import {
  type Consent,
  consentIdOf,
  type ConsentStore,
  invalidConsent,
  linkDigestOf,
  linkUriOf,
  sessionUriPrefix,
} from './consent.ts';
import type { ConsentSecrets } from './consent-secrets.ts';
import { addCustomParameters } from './custom-parameters.ts';
import { type GrantKey, grantKeyOf } from './grant.ts';
import type { Grants } from './grants.ts';
import { returnUrlOf } from './return-url.ts';
import { digestOf, type TokenWish } from './token-wish.ts';

export interface UserFederationParts {
  readonly consents: Pick<ConsentStore, 'insert' | 'find'>;
  readonly secrets: Pick<ConsentSecrets, 'sealRequest'>;
  readonly grants: Pick<Grants, 'tokenOf'>;
  readonly identities: Pick<WorkloadIdentityStore, 'find'>;
  /** Base of the pages that users see. */
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly random: RandomSource;
}

export interface FederationRequest {
  readonly scope: Scope;
  readonly workload: string;
  readonly user: WorkloadUser;
  readonly provider: OauthProvider;
  readonly wish: TokenWish;
  /** Of a consent that was asked for before: how it stands. */
  readonly sessionUri: string | undefined;
  /** Undefined: the first of the workload identity's. */
  readonly returnUrl: string | undefined;
  readonly customState: string | undefined;
  readonly customParameters: Readonly<Record<string, string>>;
  readonly isForced: boolean;
}

export type FederationAnswer =
  | { readonly kind: 'token'; readonly accessToken: string }
  | { readonly kind: 'waiting'; readonly sessionUri: string; readonly authorizationUrl: string }
  | { readonly kind: 'failed'; readonly sessionUri: string };

/** As long as SDKs poll (contract 3.2, step 5). */
const consentMs = 10 * 60_000;
/** So that an agent cannot fill the database. */
const limits = { ofWorkload: 10_000, ofUser: 50 };

/** USER_FEDERATION, the caller's side: a token that the user has granted, or a link for the user (contract 3.2, steps 3 to 5). */
export class UserFederation {
  readonly #parts: UserFederationParts;

  constructor(parts: UserFederationParts) {
    this.#parts = parts;
  }

  async ask(request: FederationRequest): Promise<FederationAnswer> {
    const { scope, workload, user, provider, wish, sessionUri, isForced } = request;
    const key = grantKeyOf(scope, workload, user, provider.id, wish);
    if (sessionUri !== undefined) return this.#look(key, sessionUri, provider);
    const accessToken = isForced ? undefined : await this.#parts.grants.tokenOf(key, provider);
    return accessToken === undefined ? this.#begin(request, key) : { kind: 'token', accessToken };
  }

  async #begin(request: FederationRequest, key: GrantKey): Promise<FederationAnswer> {
    const { consents, secrets, identities, publicUrl, clock, random } = this.#parts;
    const { scope, workload, user, provider, wish, customState, customParameters, isForced } = request;
    // What could not be sent is refused here, where the one who chose it is told.
    addCustomParameters(authorizationParameters(provider, wish), customParameters);
    const identity = await identities.find(scope, workload);
    if (identity === undefined) throw workloadGone(workload);
    const returnUrl = returnUrlOf(request.returnUrl, identity.returnUrls, { workload, publicUrl });
    const sessionUri = `${sessionUriPrefix}${randomText(random, 43)}`;
    const place = {
      id: consentIdOf(sessionUri),
      linkDigest: linkDigestOf(linkUriOf(sessionUri)),
      userDigest: digestOf(['user', userKey(user)]),
      accountId: scope.accountId,
      region: scope.region,
      workload,
      providerId: provider.id,
      callbackId: provider.callbackId,
      grantId: key.id,
    };
    const asked = { sessionUri, user, wish, customParameters, returnUrl, customState, isForced };
    const consent: Consent = {
      ...place,
      state: 'asked',
      cookieDigest: undefined,
      sealedRequest: await secrets.sealRequest(place, asked),
      sealedExchange: undefined,
      sealedTokens: undefined,
      expiresAtMs: clock.now() + consentMs,
    };
    if (!(await consents.insert(consent, limits, clock.now()))) throw tooManyWaiting(workload);
    return this.#waiting(sessionUri);
  }

  async #look(key: GrantKey, sessionUri: string, provider: OauthProvider): Promise<FederationAnswer> {
    const consent = await this.#parts.consents.find(consentIdOf(sessionUri));
    if (consent === undefined || consent.grantId !== key.id) throw invalidConsent();
    if (consent.state === 'bound') {
      const accessToken = await this.#parts.grants.tokenOf(key, provider);
      if (accessToken !== undefined) return { kind: 'token', accessToken };
      return { kind: 'failed', sessionUri };
    }
    const isOver = consent.state === 'failed' || consent.expiresAtMs <= this.#parts.clock.now();
    return isOver ? { kind: 'failed', sessionUri } : this.#waiting(sessionUri);
  }

  #waiting(sessionUri: string): FederationAnswer {
    const query = new URLSearchParams({ request_uri: linkUriOf(sessionUri) });
    const authorizationUrl = `${this.#parts.publicUrl}/identities/oauth2/authorize?${query.toString()}`;
    return { kind: 'waiting', sessionUri, authorizationUrl };
  }
}

function workloadGone(workload: string): BerthError {
  return new BerthError('access-denied', `Workload identity ${workload} is gone, and its tokens with it.`);
}

function tooManyWaiting(workload: string): BerthError {
  return new BerthError(
    'throttled',
    `Workload identity ${workload} has asked for consent ${limits.ofWorkload} times in ten minutes. Poll with the sessionUri that was answered, instead of asking anew.`,
  );
}
