import { AuthorizationServers } from '../identity/oauth/authorization-servers.ts';
import { BrowserConsents } from '../identity/oauth/browser-consents.ts';
import { ClientCredentials } from '../identity/oauth/client-credentials.ts';
import { createCompleteConsent } from '../identity/oauth/complete-consent.ts';
import { createConfirmConsent } from '../identity/oauth/confirm-consent.ts';
import { ConsentSecrets } from '../identity/oauth/consent-secrets.ts';
import { Grants } from '../identity/oauth/grants.ts';
import { createOauthClients } from '../identity/oauth/oauth-clients.ts';
import type { OauthEvents } from '../identity/oauth/provider-failure.ts';
import { ProviderHttp } from '../identity/oauth/provider-http.ts';
import { ResourceTokens } from '../identity/oauth/resource-tokens.ts';
import { createSqlConsentStore } from '../identity/oauth/sql-consent-store.ts';
import { createSqlGrantStore } from '../identity/oauth/sql-grant-store.ts';
import { createSqlSubjectTokenStore } from '../identity/oauth/sql-subject-token-store.ts';
import { createSubjectTokens, type SubjectTokens } from '../identity/oauth/subject-tokens.ts';
import { TokenCache } from '../identity/oauth/token-cache.ts';
import { TokenExchange } from '../identity/oauth/token-exchange.ts';
import { UserFederation } from '../identity/oauth/user-federation.ts';
import type { CredentialProviders } from '../identity/providers/credential-provider.ts';
import type { ProviderGrants } from '../identity/providers/providers.ts';
import type { UserTokens, WorkloadTokens } from '../identity/tokens/workload-token.ts';
import type { KeyRing } from '../identity/vault/key-ring.ts';
import type { Vault } from '../identity/vault/vault.ts';
import type { WorkloadIdentityStore } from '../identity/workload-identity-store.ts';
import type { Clock } from '../shared/clock.ts';
import type { DestinationPolicy } from '../shared/guarded-lookup.ts';
import type { RandomSource } from '../shared/ids.ts';
import type { Database } from '../storage/database.ts';

export interface OauthFlowsParts {
  readonly database: Database;
  readonly vault: Vault;
  readonly keyRing: Pick<KeyRing, 'sign'>;
  readonly subjectTokens: SubjectTokens;
  readonly workloadTokens: Pick<WorkloadTokens, 'verify'>;
  readonly userTokens: UserTokens;
  readonly credentials: CredentialProviders;
  readonly identities: Pick<WorkloadIdentityStore, 'find'>;
  /** Of issuers, which providers are. */
  readonly policy: DestinationPolicy;
  readonly publicUrl: string;
  readonly events: OauthEvents;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** A poll that comes late still hears how its consent ended. */
const endedConsentsMs = 60 * 60_000;

/** What users granted through providers, for when one is deleted. */
export function openProviderGrants(database: Database): ProviderGrants {
  const grants = createSqlGrantStore({ database });
  const consents = createSqlConsentStore({ database });
  return {
    async revokeAllOf(providerId) {
      await grants.removeOfProvider(providerId);
      await consents.removeOfProvider(providerId);
    },
  };
}

/** What users came with, for token exchange. */
export function openSubjectTokens({
  database,
  vault,
  clock,
}: Pick<OauthFlowsParts, 'database' | 'vault' | 'clock'>): SubjectTokens {
  return createSubjectTokens({ store: createSqlSubjectTokenStore({ database }), vault, clock });
}

/** Tokens of outside resources, and the pages on which users grant them. */
export function openOauthFlows(parts: OauthFlowsParts) {
  const { database, vault, credentials: providers, subjectTokens, policy, clock } = parts;
  const http = new ProviderHttp({ policy, clock });
  const servers = new AuthorizationServers({ http, policy, clock });
  const openClient = createOauthClients({ ...parts, providers, servers, http });
  const consents = createSqlConsentStore({ database });
  const grantStore = createSqlGrantStore({ database });
  const subjectTokenStore = createSqlSubjectTokenStore({ database });
  const secrets = new ConsentSecrets({ vault });
  const grants = new Grants({ ...parts, store: grantStore, openClient });
  const cache = new TokenCache({ clock });
  const clientCredentials = new ClientCredentials({ ...parts, openClient, cache });
  return {
    resourceTokens: new ResourceTokens({
      ...parts,
      providers,
      clientCredentials,
      tokenExchange: new TokenExchange({ ...parts, openClient, subjectTokens, clientCredentials, cache }),
      userFederation: new UserFederation({ ...parts, consents, secrets, grants }),
    }),
    completeConsent: createCompleteConsent({ ...parts, consents, secrets, grants, providers }),
    confirmConsent: createConfirmConsent({ ...parts, consents, secrets, grants, providers }),
    browserConsents: new BrowserConsents({ ...parts, providers, consents, secrets, openClient }),
    /** To be done now and then: what has ended for good is deleted. */
    async sweep(): Promise<void> {
      await consents.removeExpired(clock.now() - endedConsentsMs);
      await subjectTokenStore.removeExpired(clock.now());
    },
  };
}
