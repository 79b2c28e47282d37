import { BerthError } from '../../shared/errors.ts';
import type { Scope } from '../../shared/ids.ts';
import type { CredentialProviders } from '../providers/credential-provider.ts';
import { userKey, type UserTokens, type WorkloadUser } from '../tokens/workload-token.ts';
import { bindConsent, type BindConsentParts } from './bind-consent.ts';
import { type Consent, consentIdOf, type ConsentStore, invalidConsent } from './consent.ts';
import type { ConsentSecrets } from './consent-secrets.ts';

export interface CompleteConsentParts extends BindConsentParts {
  readonly consents: Pick<ConsentStore, 'find' | 'bind' | 'fail'>;
  readonly secrets: Pick<ConsentSecrets, 'request' | 'tokens'>;
  readonly providers: Pick<CredentialProviders, 'findByCallback'>;
  readonly userTokens: UserTokens;
}

/** Who is in front of the browser, as the application knows it. */
export type ShownUser = { readonly userToken: string } | { readonly userId: string };

/** Makes what a provider gave the grant of the user whom the application names (contract 3.2, step 7). */
export type CompleteConsent = (scope: Scope, sessionUri: string, shown: ShownUser) => Promise<void>;

/**
 * Throws `access-denied` for a consent that is not, or is over, and for a user whom the token does not prove. For another user than
 * the one who was asked, it also destroys what the provider gave: somebody followed a link that was not theirs. Asked
 * again by the same user, it does nothing.
 */
export function createCompleteConsent(parts: CompleteConsentParts): CompleteConsent {
  const { consents, secrets } = parts;
  return async (scope, sessionUri, shown) => {
    const consent = await findOpen(parts, scope, sessionUri);
    const request = await secrets.request(consent);
    const present = await userOf(parts, consent, shown);
    if (userKey(present) !== userKey(request.user)) {
      await consents.fail(consent.id);
      throw new BerthError(
        'access-denied',
        'The session belongs to another user than the one named. What was granted is discarded; ask for the token again.',
      );
    }
    if (consent.state === 'bound') return;
    if (consent.sealedTokens === undefined) throw notGranted();
    await bindConsent(parts, { ...consent, sealedTokens: consent.sealedTokens }, request);
  };
}

async function findOpen(parts: CompleteConsentParts, scope: Scope, sessionUri: string): Promise<Consent> {
  const consent = await parts.consents.find(consentIdOf(sessionUri));
  if (consent?.accountId !== scope.accountId || consent.region !== scope.region) throw invalidConsent();
  const isOver = consent.state === 'failed' || consent.expiresAtMs <= parts.clock.now();
  const provider = await parts.providers.findByCallback(consent.callbackId);
  if (isOver || provider?.id !== consent.providerId) throw invalidConsent();
  return consent;
}

async function userOf(
  { userTokens }: CompleteConsentParts,
  consent: Consent,
  shown: ShownUser,
): Promise<WorkloadUser> {
  if ('userId' in shown) return { kind: 'named', userId: shown.userId };
  return userTokens.verify(consent, consent.workload, shown.userToken);
}

function notGranted(): BerthError {
  return new BerthError(
    'validation',
    'The user has not granted anything in this session yet. Complete it when the browser comes to the return URL.',
    { reason: 'ResourceConflict' },
  );
}
