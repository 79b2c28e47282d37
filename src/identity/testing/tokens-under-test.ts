import type { WorkloadClaims } from '../tokens/workload-token.ts';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import type { Clock } from '../../shared/clock.ts';
import { type AccountId, type RuntimeId, type SessionId, systemRandom } from '../../shared/ids.ts';
import { HeldToken } from '../../shared/held-token.ts';
import type { JwtAuthorizer } from '../../shared/jwt-authorizer.ts';
import { type OpenDatabase, openDatabase } from '../../storage/database.ts';
import { createSealedBox } from '../../storage/sealed-box.ts';
import { createSqlWorkloadIdentityStore, workloadIdentityRows } from '../sql-workload-identity-store.ts';
import { AgentTokens, type AgentTokensParts } from '../tokens/agent-tokens.ts';
import { type IssuerTokens, IssuerUserTokens } from '../tokens/issuer-user-tokens.ts';
import { SignedWorkloadTokens } from '../tokens/signed-workload-tokens.ts';
import { SigningKeys } from '../tokens/signing-keys.ts';
import { createSqlSigningKeyStore } from '../tokens/sql-signing-key-store.ts';
import { WorkloadIdentities } from '../workload-identities.ts';

export const testScope = { accountId: '111122223333' as AccountId, region: 'us-east-1' };
export const testRuntime = 'echo-AbCdEf1234' as RuntimeId;

export interface TokensUnderTestOptions {
  /** Another server's, to share. */
  readonly database?: OpenDatabase;
  readonly clock?: Clock;
  readonly isLive?: (runtimeId: RuntimeId, sessionId: SessionId, incarnation: number) => Promise<boolean>;
  readonly authorizersOf?: (runtimeId: RuntimeId) => Promise<readonly JwtAuthorizer[]>;
  readonly trustedIssuers?: readonly string[];
  readonly issuerTokens?: IssuerTokens;
  /** In the place of one that keeps all in `keptUserTokens`. */
  readonly keepUserToken?: AgentTokensParts['keepUserToken'];
}

/** Workload tokens over a real database, as one server has them. */
export async function tokensUnderTest(options: TokensUnderTestOptions = {}) {
  const { clock = new FakeClock(), isLive = async () => true } = options;
  const database = options.database ?? (await openDatabase(':memory:'));
  const store = createSqlWorkloadIdentityStore({ database });
  const sealedBox = createSealedBox(new Uint8Array(32));
  const signingKeyStore = createSqlSigningKeyStore({ database, sealedBox });
  const signingKeys = new SigningKeys({ store: signingKeyStore, clock, random: systemRandom });
  const workloadTokens = new SignedWorkloadTokens({ identities: store, keys: signingKeys, isLive, clock });
  const keptUserTokens: { readonly claims: WorkloadClaims; readonly userToken: string | WorkloadClaims }[] =
    [];
  const agentTokens = new AgentTokens({
    tokens: workloadTokens,
    identities: store,
    clock,
    keepUserToken:
      options.keepUserToken ??
      (async (claims, source) => {
        const userToken = source instanceof HeldToken ? source.reveal() : source;
        keptUserTokens.push({ claims, userToken });
      }),
  });
  const identities = new WorkloadIdentities({
    store,
    quotas: { workloadIdentities: 1_000 },
    clock,
    random: systemRandom,
    arnOf: (_scope, name) => `arn of ${name}`,
    onChange: () => agentTokens.forget(),
  });
  const userTokens = new IssuerUserTokens({
    identities: store,
    authorizersOf: options.authorizersOf ?? (async () => []),
    trustedIssuers: options.trustedIssuers ?? [],
    tokens: options.issuerTokens ?? noIssuers,
  });
  return {
    ...{ database, clock, identities, signingKeyStore, signingKeys },
    ...{ workloadTokens, agentTokens, userTokens, keptUserTokens },
    create: (name: string) => identities.create(testScope, { name, returnUrls: [], tags: {} }),
    /** A runtime's own, of the runtime's name. */
    createOwned: (runtimeId: RuntimeId) =>
      workloadIdentityRows.insertForRuntime(database, {
        scope: testScope,
        name: runtimeId,
        runtimeId,
        createdAtMs: clock.now(),
      }),
    async [Symbol.asyncDispose]() {
      if (options.database === undefined) await database.destroy();
    },
  };
}

const noIssuers: IssuerTokens = {
  issuerName: () => Promise.reject(new Error('no issuer is expected')),
  verify: () => Promise.reject(new Error('no issuer is expected')),
};
