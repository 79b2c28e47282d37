import type { Config } from '../config/config.ts';
import { createSqlWorkloadIdentityStore } from '../identity/sql-workload-identity-store.ts';
import { AgentTokens, type AgentTokensParts } from '../identity/tokens/agent-tokens.ts';
import { IssuerUserTokens } from '../identity/tokens/issuer-user-tokens.ts';
import { SignedWorkloadTokens } from '../identity/tokens/signed-workload-tokens.ts';
import { SigningKeys } from '../identity/tokens/signing-keys.ts';
import { createSqlSigningKeyStore } from '../identity/tokens/sql-signing-key-store.ts';
import { WorkloadIdentities } from '../identity/workload-identities.ts';
import type { WorkloadIdentityStore } from '../identity/workload-identity-store.ts';
import type { Logger } from '../observability/logger.ts';
import { workloadIdentityArn } from '../runtimes/arns.ts';
import { isIncarnationLive } from '../sessions/is-incarnation-live.ts';
import { servedAuthorizers } from '../runtimes/served-authorizers.ts';
import type { Clock } from '../shared/clock.ts';
import type { RandomSource } from '../shared/ids.ts';
import type { OpenDatabase } from '../storage/database.ts';
import type { SealedBox } from '../storage/sealed-box.ts';
import { requireUsableIssuers } from './require-usable-issuers.ts';
import { every, type Repetition } from './every.ts';
import type { Callers } from './open-callers.ts';
import type { openRuntimes } from './open-runtimes.ts';

export interface WorkloadTokensParts {
  readonly config: Pick<Config, 'accountId' | 'region' | 'quotas' | 'userTokenIssuers'>;
  readonly database: OpenDatabase;
  readonly sealedBox: SealedBox;
  readonly callers: Pick<Callers, 'issuerTokens' | 'issuerProblem'>;
  readonly runtimes: Pick<ReturnType<typeof openRuntimes>, 'store' | 'sessions'>;
  readonly keepUserToken: AgentTokensParts['keepUserToken'];
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** Workload identities and their tokens. Throws `validation` when a setting names an issuer whose tokens can never be verified here. */
export function openWorkloadTokens(parts: WorkloadTokensParts) {
  const { config, database, clock, random } = parts;
  const store = createSqlWorkloadIdentityStore({ database });
  const tokens = openTokens(parts, store);
  const identities = new WorkloadIdentities({
    store,
    quotas: config.quotas,
    clock,
    random,
    arnOf: workloadIdentityArn,
    onChange: () => tokens.agentTokens.forget(),
  });
  return { identityStore: store, identities, ...tokens };
}

function openTokens(
  { config, database, sealedBox, callers, runtimes, keepUserToken, clock, random }: WorkloadTokensParts,
  identities: WorkloadIdentityStore,
) {
  requireUsableIssuers(config.userTokenIssuers, callers.issuerProblem);
  const scope = { accountId: config.accountId, region: config.region };
  const signingKeys = new SigningKeys({
    store: createSqlSigningKeyStore({ database, sealedBox }),
    clock,
    random,
  });
  const workloadTokens = new SignedWorkloadTokens({
    identities,
    keys: signingKeys,
    isLive: (runtimeId, sessionId, incarnation) =>
      isIncarnationLive(runtimes.sessions, scope, { runtimeId, sessionId, incarnation }),
    clock,
  });
  return {
    signingKeys,
    workloadTokens,
    userTokens: new IssuerUserTokens({
      identities,
      authorizersOf: (runtimeId) => servedAuthorizers(runtimes.store, runtimeId),
      trustedIssuers: config.userTokenIssuers,
      tokens: callers.issuerTokens,
    }),
    agentTokens: new AgentTokens({ tokens: workloadTokens, identities, clock, keepUserToken }),
  };
}

/** Signing keys change while nobody asks for tokens, too. */
export function lookAfterSigningKeys(parts: {
  readonly signingKeys: Pick<SigningKeys, 'lookAfter'>;
  readonly clock: Clock;
  readonly log: Logger;
}): Repetition {
  const { signingKeys, clock, log } = parts;
  return every(clock, 10 * 60_000, () =>
    signingKeys
      .lookAfter()
      .catch((error: unknown) => log.warn({ error }, 'the signing keys could not be looked after')),
  );
}
