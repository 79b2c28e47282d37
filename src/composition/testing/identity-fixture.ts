import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { BedrockAgentCore } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControl } from '@aws-sdk/client-bedrock-agentcore-control';
import { createControlOperations } from '../../api/control/control-operations.ts';
import { caller, controlFixture, type FixtureOptions } from '../../api/control/testing/control-fixture.ts';
import { secretText } from '../../api/control/testing/provider-inputs.ts';
import { servedControlPlane } from '../../api/control/testing/served-control-plane.ts';
import type { OperationRates } from '../../api/operation-rates.ts';
import { TestIssuer } from '../../auth/jwt/testing/test-issuer.ts';
import { IssuerKeys } from '../../auth/jwt/issuer-keys.ts';
import { IssuerPolicy } from '../../auth/jwt/issuer-policy.ts';
import { TokenVerifier } from '../../auth/jwt/token-verifier.ts';
import { createSqlWorkloadIdentityStore } from '../../identity/sql-workload-identity-store.ts';
import { systemRandom } from '../../shared/ids.ts';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { openOauthFlows, openProviderGrants, openSubjectTokens } from '../open-oauth-flows.ts';
import { openProviders } from '../open-providers.ts';

const { principal: scope } = caller;
const unlimited = {
  workloadIdentities: 1_000,
  oauthProviders: 1_000,
  apiKeyProviders: 1_000,
  managedSecrets: 1_000,
};

export const returnUrl = 'https://app.example/back';
export const userId = 'ann';

export interface IdentityFixtureOptions extends Pick<FixtureOptions, 'secretsFolder'> {
  readonly quotas?: Partial<typeof unlimited>;
  readonly rates?: Partial<OperationRates>;
}

/**
 * Identity over HTTP with its real parts, called by the AWS SDKs: the workload identity `worker`, the providers `weather` (API key) and
 * `docs` (OAuth2), and an issuer of users' tokens. No service outside is asked for anything.
 */
export async function identityFixture(context: TestContext, options: IdentityFixtureOptions = {}) {
  const clock = new FakeClock(Date.now());
  const issuer = await TestIssuer.create(() => clock.now());
  const keys = new IssuerKeys({ describe: issuer.describe, events: { issuerFailed: () => {} }, clock });
  const verifier = new TokenVerifier({ keys, clock });
  const quotas = { ...unlimited, ...options.quotas };
  const { secretsFolder, rates } = options;
  const fixture = await controlFixture({
    ...{ clock, quotas },
    issuers: {
      trustedIssuers: [issuer.discoveryUrl],
      issuerTokens: {
        issuerName: async (url) => (await keys.current(url)).issuer,
        verify: verifier.verify.bind(verifier),
      },
    },
  });
  const { database, tokens } = fixture;
  const { vault, keyRing } = fixture.vault;
  const publicUrl = 'https://berth.example';
  const { providers, providerStore, credentials, callbackBase } = openProviders({
    config: { publicUrl, quotas, secretsFolder },
    grants: openProviderGrants(database),
    ...{ database, vault, clock, random: systemRandom },
  });
  const subjectTokens = openSubjectTokens({ database, vault, clock });
  const identities = createSqlWorkloadIdentityStore({ database });
  const { workloadTokens, userTokens } = tokens;
  const { resourceTokens, completeConsent } = openOauthFlows({
    ...{ database, vault, keyRing, subjectTokens, workloadTokens, userTokens, credentials, identities },
    policy: new IssuerPolicy({ privateIssuers: [], hostAddresses: () => [] }),
    events: { oauthProviderFailed: () => {} },
    ...{ publicUrl, clock, random: systemRandom },
  });
  const operations = createControlOperations({
    ...fixture.parts,
    ...{ providers, credentials, callbackBase, keyRing, workloadTokens, userTokens },
    ...{ subjectTokens, resourceTokens, completeConsent },
  });
  const served = await servedControlPlane(operations, { database, ...(rates !== undefined && { rates }) });
  context.after(async () => {
    await served[Symbol.asyncDispose]();
    await fixture[Symbol.asyncDispose]();
  });
  await operations.CreateWorkloadIdentity(
    { name: 'worker', allowedResourceOauth2ReturnUrls: [returnUrl] },
    caller,
  );
  await operations.CreateApiKeyCredentialProvider({ name: 'weather', apiKey: secretText }, caller);
  await operations.CreateOauth2CredentialProvider(oauthProvider('docs'), caller);
  const workloadIdentityToken = await workloadTokens.issue({
    ...{ accountId: scope.accountId, region: scope.region, workload: 'worker', session: undefined },
    user: { kind: 'named', userId },
  });
  /** Sends one request of an operation, of either plane, with the AWS SDK. */
  const call = senderTo(served.endpoint);
  return {
    ...{ database, clock, operations, issuer, vault: fixture.vault, providerStore, workloadIdentityToken },
    unexpected: served.unexpected,
    endpoint: served.endpoint,
    call,
    /**
     * Sends changes so that all have read the database before one of them writes. Rejects as the first that does.
     */
    async atOnce(operation: string, inputs: readonly object[]): Promise<void> {
      const { lines } = served.audit;
      const allowed = lines.length + inputs.length;
      // Nobody else's statements run while a transaction is open; those of the requests wait in a row.
      const { sent } = await database.transaction().execute(async () => {
        const sent = Promise.all(inputs.map((input) => call(operation, input)));
        let isOver = false;
        void sent.catch(() => {}).then(() => (isOver = true));
        while (lines.length < allowed && !isOver) await setImmediate();
        await setImmediate();
        return { sent };
      });
      await sent;
    },
  };
}

/** An access key, or a bearer token in the place of a signature. */
export type Caller = 'admin' | 'invoke' | 'bearer';

export type IdentityFixture = Awaited<ReturnType<typeof identityFixture>>;

/** Of an OAuth2 server whose discovery document need not be read. */
export function oauthProvider(name: string, more: object = { clientSecret: secretText }) {
  const [issuer, authorizationEndpoint] = ['https://sso.example', 'https://sso.example/authorize'];
  const authorizationServerMetadata = {
    ...{ issuer, authorizationEndpoint, tokenEndpoint: 'https://sso.example/token' },
  };
  return {
    name,
    credentialProviderVendor: 'CustomOauth2' as const,
    oauth2ProviderConfigInput: {
      customOauth2ProviderConfig: {
        ...{ clientId: 'client', oauthDiscovery: { authorizationServerMetadata } },
        ...more,
      },
    },
  };
}

/** Instead of a signature. */
const bearer = {
  async sign<Request extends { headers: Record<string, string> }>(request: Request): Promise<Request> {
    request.headers['authorization'] = 'Bearer a.b.c';
    return request;
  },
};

/** Sends by the name of an operation. */
function senderTo(endpoint: string) {
  const clients = new Map<Caller, readonly object[]>();
  return async (operation: string, input: object, by: Caller = 'admin'): Promise<object> => {
    const ofCaller = clients.get(by) ?? clientsOf(endpoint, by);
    clients.set(by, ofCaller);
    const method = `${operation.slice(0, 1).toLowerCase()}${operation.slice(1)}`;
    const client = ofCaller.find((one) => method in one) ?? assert.fail(operation);
    const call: unknown = Reflect.get(client, method);
    assert.ok(typeof call === 'function');
    const answer: unknown = await Reflect.apply(call, client, [input]);
    assert.ok(typeof answer === 'object' && answer !== null);
    return answer;
  };
}

function clientsOf(endpoint: string, by: Caller) {
  const connection = {
    ...{ endpoint, region: scope.region, maxAttempts: 1 },
    credentials: { accessKeyId: by, secretAccessKey: 'secret' },
    ...(by === 'bearer' && { signer: bearer }),
  };
  return [new BedrockAgentCoreControl(connection), new BedrockAgentCore(connection)];
}
