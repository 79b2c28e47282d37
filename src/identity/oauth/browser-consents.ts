import { authorizationCodeGrant, randomNonce, randomPKCECodeVerifier } from 'openid-client';
import type { Clock } from '../../shared/clock.ts';
import { type BerthError, mayPass } from '../../shared/errors.ts';
import { type RandomSource, randomText } from '../../shared/ids.ts';
import type { CredentialProviders, OauthProvider } from '../providers/credential-provider.ts';
import type { WorkloadIdentityStore } from '../workload-identity-store.ts';
import { authorizationUrl } from './authorization-request.ts';
import { cookieDigestOf, cookieName, type CookieOf, isSameBrowser } from './binding-cookie.ts';
import { badLink, type BrowserAnswer, type ConsentPage, type ConsentQuestion } from './browser-answer.ts';
import { type Consent, type ConsentStore, linkDigestOf, stateDigestOf } from './consent.ts';
import type { ConsentRequest, ConsentSecrets } from './consent-secrets.ts';
import type { OpenOauthClient } from './oauth-clients.ts';
import { type OauthEvents, providerErrorOf, providerFailure } from './provider-failure.ts';
import { mayReturnTo, ownReturnUrl, returnLocation } from './return-url.ts';
import { newTokenSet } from './token-set.ts';
import { resourceParameters } from './token-wish.ts';

export interface BrowserConsentsParts {
  readonly consents: ConsentStore;
  readonly secrets: ConsentSecrets;
  readonly providers: Pick<CredentialProviders, 'findByCallback'>;
  readonly identities: Pick<WorkloadIdentityStore, 'find'>;
  readonly openClient: OpenOauthClient;
  /** Base of the callback URLs that are registered at providers. */
  readonly publicUrl: string;
  readonly events: OauthEvents;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** How a way to the provider ended. */
type Outcome = Exclude<ConsentPage, 'other-browser'>;

interface ReturnedBrowser {
  readonly request: ConsentRequest;
  readonly query: URLSearchParams;
  readonly state: string;
  readonly stateDigest: string;
}

const cookieMs = 10 * 60_000;

/** USER_FEDERATION, the user's side: to the provider and back (contract 3.2, step 6). */
export class BrowserConsents {
  readonly #parts: BrowserConsentsParts;

  constructor(parts: BrowserConsentsParts) {
    this.#parts = parts;
  }

  /**
   * A link that was followed may be followed again, by a reload or after a program looked at it for a preview: the last browser
   * counts. `kind: 'redirect'` goes to the provider, with a cookie for the way back.
   */
  async begin(linkUri: string): Promise<BrowserAnswer> {
    const { consents, secrets, openClient, random } = this.#parts;
    const consent = await consents.findByLink(linkDigestOf(linkUri));
    const provider = await this.#providerOf(consent);
    if (consent === undefined || provider === undefined) return badLink;
    const request = await secrets.request(consent);
    if (!(await this.#mayReturn(consent, request))) return badLink;
    const state = randomText(random, 43);
    const stateDigest = stateDigestOf(state);
    try {
      const client = await openClient(provider);
      const hasNonce =
        client.hasIssuer && provider.dialect.repeatsNonce && request.wish.scopes.includes('openid');
      const exchange = {
        codeVerifier: randomPKCECodeVerifier(),
        nonce: hasNonce ? randomNonce() : undefined,
      };
      const redirectUri = this.#callbackUrl(provider);
      const location = await authorizationUrl(client, provider, request, { ...exchange, state, redirectUri });
      const cookie = { name: cookieName(state), value: randomText(random, 43), maxAgeS: cookieMs / 1000 };
      const isSent = await consents.send(consent.id, {
        stateDigest,
        cookieDigest: cookieDigestOf(cookie.value),
        sealedExchange: await secrets.sealExchange(consent, stateDigest, exchange),
      });
      return isSent ? { kind: 'redirect', location, cookie } : badLink;
    } catch (error) {
      const page = failurePage(providerFailure(error, provider, this.#parts.events));
      // What is refused now is refused again; what does not answer may do so in a minute.
      if (page === 'provider-refused') await consents.fail(consent.id);
      return { kind: 'page', page };
    }
  }

  /** `query` as the provider sent it; `cookieOf` reads the request's cookies. */
  async end(callbackId: string, query: URLSearchParams, cookieOf: CookieOf): Promise<BrowserAnswer> {
    const { consents, secrets } = this.#parts;
    const [state, ...others] = query.getAll('state');
    if (state === undefined || others.length > 0) return badLink;
    const stateDigest = stateDigestOf(state);
    const consent = await consents.findByState(stateDigest);
    if (consent === undefined) return badLink;
    if (!isSameBrowser(cookieOf, state, consent)) return { kind: 'page', page: 'other-browser' };
    const provider = await this.#providerOf(consent);
    if (provider === undefined || !(await consents.take(consent.id, stateDigest))) return badLink;
    const request = await secrets.request(consent);
    if (!(await this.#mayReturn(consent, request))) return badLink;
    // Each provider has a callback of its own: an answer at another's was mixed up on the way (RFC 9700, 4.4).
    const outcome =
      callbackId === provider.callbackId
        ? await this.#exchange(consent, provider, { request, query, state, stateDigest })
        : 'provider-refused';
    if (outcome !== 'granted') await consents.fail(consent.id);
    if (request.returnUrl !== ownReturnUrl(this.#parts.publicUrl)) return answerOf(outcome, request);
    if (outcome !== 'granted') return { kind: 'page', page: outcome };
    return { kind: 'question', question: questionOf(consent, provider, request, state) };
  }

  async #exchange(
    consent: Consent,
    provider: OauthProvider,
    { request, query, state, stateDigest }: ReturnedBrowser,
  ): Promise<Outcome> {
    const { consents, secrets, openClient, events, clock } = this.#parts;
    try {
      const { codeVerifier, nonce } = await secrets.exchange(
        consent,
        stateDigest,
        consent.sealedExchange ?? '',
      );
      const { configuration } = await openClient(provider);
      const url = new URL(`${this.#callbackUrl(provider)}?${query.toString()}`);
      const checks = {
        ...(provider.dialect.usesPkce && { pkceCodeVerifier: codeVerifier }),
        expectedState: state,
        ...(nonce !== undefined && { expectedNonce: nonce }),
      };
      const wanted = resourceParameters(request.wish);
      const answer = await authorizationCodeGrant(configuration, url, checks, wanted);
      const sealed = await secrets.sealTokens(consent, newTokenSet(answer, clock.now()));
      return (await consents.answer(consent.id, sealed)) ? 'granted' : 'bad-link';
    } catch (error) {
      if (providerErrorOf(error) === 'access_denied') return 'declined';
      await consents.fail(consent.id);
      return failurePage(providerFailure(error, provider, events));
    }
  }

  /** Undefined also when the consent is over. */
  async #providerOf(consent: Consent | undefined): Promise<OauthProvider | undefined> {
    const { providers, clock } = this.#parts;
    if (consent === undefined || consent.expiresAtMs <= clock.now()) return undefined;
    if (consent.state !== 'asked' && consent.state !== 'sent') return undefined;
    const provider = await providers.findByCallback(consent.callbackId);
    return provider?.id === consent.providerId ? provider : undefined;
  }

  /** Where the browser may not go, the consent has failed. */
  async #mayReturn(consent: Consent, { returnUrl }: ConsentRequest): Promise<boolean> {
    if (await mayReturnTo(returnUrl, consent, this.#parts)) return true;
    await this.#parts.consents.fail(consent.id);
    return false;
  }

  #callbackUrl({ callbackId }: OauthProvider): string {
    return `${this.#parts.publicUrl}/identities/oauth2/callback/${callbackId}`;
  }
}

/** Rethrows what is not the provider's fault, and may pass. */
function failurePage(failure: BerthError): 'provider-failed' | 'provider-refused' {
  if (mayPass(failure)) throw failure;
  const isDown = failure.code === 'provider-failed' || failure.code === 'throttled';
  return isDown ? 'provider-failed' : 'provider-refused';
}

/** An application hears of a refusal in OAuth's own words (RFC 6749, 4.1.2.1), and of nothing that the provider wrote. */
function answerOf(outcome: Outcome, request: ConsentRequest): BrowserAnswer {
  const { returnUrl, sessionUri, customState } = request;
  const refusal = outcome === 'declined' ? 'access_denied' : 'server_error';
  const error = outcome === 'granted' ? undefined : refusal;
  return {
    kind: 'redirect',
    location: returnLocation(returnUrl, { session_id: sessionUri, state: customState, error }),
  };
}

function questionOf(
  { workload }: Consent,
  { name: provider, callbackId }: OauthProvider,
  { wish, user }: ConsentRequest,
  state: string,
): ConsentQuestion {
  const called = user.kind === 'named' ? user.userId : user.subject;
  return { workload, provider, scopes: wish.scopes, user: called, callbackId, state };
}
