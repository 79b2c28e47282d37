import type { Clock } from '../../shared/clock.ts';
import { type Consent, type ConsentStore, invalidConsent } from './consent.ts';
import type { ConsentRequest, ConsentSecrets } from './consent-secrets.ts';
import { grantKeyOf } from './grant.ts';
import type { Grants } from './grants.ts';

export interface BindConsentParts {
  readonly consents: Pick<ConsentStore, 'find' | 'bind'>;
  readonly secrets: Pick<ConsentSecrets, 'tokens'>;
  readonly grants: Pick<Grants, 'seal'>;
  readonly clock: Clock;
}

/**
 * Makes what a provider gave, which must be there, the grant of the user who was asked. Whoever calls it knows that this user granted. Throws
 * `access-denied` when the consent has ended otherwise meanwhile.
 */
export async function bindConsent(
  { consents, secrets, grants, clock }: BindConsentParts,
  consent: Consent & { readonly sealedTokens: string },
  { user, wish }: ConsentRequest,
): Promise<void> {
  const key = grantKeyOf(consent, consent.workload, user, consent.providerId, wish);
  const grant = await grants.seal(key, await secrets.tokens(consent, consent.sealedTokens));
  const isBound = await consents.bind(consent.id, key, grant, clock.now());
  if (!isBound && (await consents.find(consent.id))?.state !== 'bound') throw invalidConsent();
}
