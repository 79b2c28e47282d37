import type { CredentialProviders } from '../providers/credential-provider.ts';
import type { WorkloadIdentityStore } from '../workload-identity-store.ts';
import { bindConsent, type BindConsentParts } from './bind-consent.ts';
import { type CookieOf, isSameBrowser } from './binding-cookie.ts';
import { badLink, type BrowserAnswer } from './browser-answer.ts';
import { type Consent, type ConsentStore, stateDigestOf } from './consent.ts';
import type { ConsentSecrets } from './consent-secrets.ts';
import { mayReturnTo, ownReturnUrl } from './return-url.ts';

export interface ConfirmConsentParts extends BindConsentParts {
  readonly consents: Pick<ConsentStore, 'find' | 'findByState' | 'bind' | 'fail'>;
  readonly secrets: Pick<ConsentSecrets, 'request' | 'tokens'>;
  readonly providers: Pick<CredentialProviders, 'findByCallback'>;
  readonly identities: Pick<WorkloadIdentityStore, 'find'>;
  readonly publicUrl: string;
}

/** `form` as the browser sent it from the page that asked. */
export type ConfirmConsent = (
  callbackId: string,
  form: URLSearchParams,
  cookieOf: CookieOf,
) => Promise<BrowserAnswer>;

/**
 * Completes a consent on the word of whoever is in front of the browser that was at the provider. Only where the workload identity has Berth's own
 * page as return URL: in the place of an application that knows who that is.
 */
export function createConfirmConsent(parts: ConfirmConsentParts): ConfirmConsent {
  const { consents, secrets } = parts;
  return async (callbackId, form, cookieOf) => {
    const [state, ...others] = form.getAll('state');
    if (state === undefined || others.length > 0) return badLink;
    const consent = await consents.findByState(stateDigestOf(state));
    if (consent === undefined) return badLink;
    if (!isSameBrowser(cookieOf, state, consent)) return { kind: 'page', page: 'other-browser' };
    if (consent.callbackId !== callbackId || !(await isOpen(parts, consent))) return badLink;
    if (consent.state === 'bound') return { kind: 'page', page: 'granted' };
    const request = await secrets.request(consent);
    const isOurs = request.returnUrl === ownReturnUrl(parts.publicUrl);
    const { sealedTokens } = consent;
    if (!isOurs || sealedTokens === undefined || !(await mayReturnTo(request.returnUrl, consent, parts)))
      return badLink;
    if (form.get('decision') !== 'allow') {
      await consents.fail(consent.id);
      return { kind: 'page', page: 'declined' };
    }
    await bindConsent(parts, { ...consent, sealedTokens }, request);
    return { kind: 'page', page: 'granted' };
  };
}

async function isOpen({ providers, clock }: ConfirmConsentParts, consent: Consent): Promise<boolean> {
  const provider = await providers.findByCallback(consent.callbackId);
  const isAnswered = consent.state === 'answered' || consent.state === 'bound';
  return isAnswered && consent.expiresAtMs > clock.now() && provider?.id === consent.providerId;
}
