import { createUserTokenKeeper } from '../identity/oauth/user-token-keeper.ts';
import { createKeyUse } from '../identity/providers/sql-key-use.ts';
import type { Events } from '../observability/events.ts';
import { every } from './every.ts';
import {
  type OauthFlowsParts,
  openOauthFlows,
  openProviderGrants,
  openSubjectTokens,
} from './open-oauth-flows.ts';
import { openProviders, type ProvidersParts } from './open-providers.ts';
import { openVault, type VaultParts } from './open-vault.ts';
import { openWorkloadTokens, type WorkloadTokensParts } from './open-workload-tokens.ts';

export type IdentityParts = Omit<
  VaultParts & ProvidersParts & WorkloadTokensParts,
  'userOf' | 'vault' | 'grants' | 'events' | 'keepUserToken'
> &
  Pick<OauthFlowsParts, 'policy'> & {
    readonly events: Pick<
      Events,
      'transitFailed' | 'oauthProviderFailed' | 'oauthSweepFailed' | 'subjectTokenLost'
    >;
  };

const sweepMs = 10 * 60_000;

/** What agents are and what they may get: each part of the identity service. */
export function openIdentity(parts: IdentityParts) {
  const { database, config, clock, events } = parts;
  const ofVault = openVault({ ...parts, userOf: createKeyUse({ database }) });
  const { vault, keyRing } = ofVault;
  const providers = openProviders({ ...parts, vault, grants: openProviderGrants(database) });
  const subjectTokens = openSubjectTokens({ database, vault, clock });
  const tokens = openWorkloadTokens({
    ...parts,
    keepUserToken: createUserTokenKeeper({ subjectTokens, events, clock }),
  });
  const { sweep, ...flows } = openOauthFlows({
    ...parts,
    ...{ vault, keyRing, subjectTokens },
    ...tokens,
    credentials: providers.credentials,
    identities: tokens.identityStore,
    publicUrl: config.publicUrl,
  });
  const sweeping = every(clock, sweepMs, () => sweep().catch(events.oauthSweepFailed.bind(events)));
  return {
    keyRing,
    tokenVault: ofVault.tokenVault,
    ...providers,
    ...tokens,
    ...flows,
    subjectTokens,
    async [Symbol.asyncDispose]() {
      await sweeping[Symbol.asyncDispose]();
      await ofVault[Symbol.asyncDispose]();
    },
  };
}

export type Identity = ReturnType<typeof openIdentity>;
