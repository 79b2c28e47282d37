import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  BedrockAgentCoreClient,
  CompleteResourceTokenAuthCommand,
  GetResourceOauth2TokenCommand,
  type GetResourceOauth2TokenCommandInput,
} from '@aws-sdk/client-bedrock-agentcore';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { ControlPlane } from '../../api/control-plane.ts';
import { completeResourceTokenAuth } from '../../api/data/identity/complete-resource-token-auth.ts';
import { getResourceOauth2Token } from '../../api/data/identity/get-resource-oauth2-token.ts';
import { Idempotency } from '../../api/idempotency.ts';
import { openIdentityApp } from '../../api/identity-pages/testing/open-identity-app.ts';
import { loadServiceOperations } from '../../api/model/service-operation.ts';
import { RateLimits } from '../../api/rate-limits.ts';
import { ratesOf } from '../../api/testing/rates.ts';
import type { Authenticator } from '../../auth/authenticator.ts';
import { FakeAudit } from '../../auth/testing/fake-audit.ts';
import { IssuerPolicy } from '../../auth/jwt/issuer-policy.ts';
import type { KeyPrincipal } from '../../auth/principal.ts';
import type { OauthProvider } from '../../identity/providers/credential-provider.ts';
import { standardDialect } from '../../identity/providers/vendors.ts';
import { createSqlWorkloadIdentityStore } from '../../identity/sql-workload-identity-store.ts';
import {
  FakeCredentialProviders,
  FakeKeyRing,
  FakeUserTokens,
  SealingVault,
  FakeWorkloadTokens,
} from '../../identity/testing/oauth-fakes.ts';
import { type OauthServerOptions, RealOauthServer } from '../../identity/testing/real-oauth-server.ts';
import { ScriptedBrowser } from '../../identity/testing/scripted-browser.ts';
import type { WorkloadClaims, WorkloadUser } from '../../identity/tokens/workload-token.ts';
import { type AccountId, systemRandom } from '../../shared/ids.ts';
import { openDatabase } from '../../storage/database.ts';
import { IdempotencyStore } from '../../storage/idempotency-store.ts';
import { openOauthFlows, openSubjectTokens } from '../open-oauth-flows.ts';

export const scope = { accountId: '111122223333' as AccountId, region: 'us-east-1' };
export const returnUrl = 'https://app.example/back?tab=1';
export const alice: WorkloadUser = { kind: 'user', issuer: 'https://idp.example', subject: 'alice' };
export const bob: WorkloadUser = { ...alice, subject: 'bob' };

const callbackIds = {
  docs: '0d5c3f8e-6a5d-4c58-9a41-5f6f0a1d2b3c',
  other: '9b1f7c62-3c1f-4a44-8a63-2f0b7de1a900',
};
/** Every caller is an admin of the one account; the signature is not looked at here. */
const authenticator: Authenticator = {
  async begin() {
    const principal: KeyPrincipal = { kind: 'access-key', accessKeyId: 'AKIATEST', role: 'admin', ...scope };
    return { claimedBodySha256: undefined, isBodySigned: true, principal, verifyBody: () => principal };
  },
};

export type Wish = Partial<GetResourceOauth2TokenCommandInput>;
type Options = Partial<OauthServerOptions> & { readonly publicOrigin?: string };

/** The flows behind real HTTP, called by the AWS SDK and by a browser, against a real OAuth server; the other parts of identity are fakes. */
export async function oauthFixture(options: Options = {}) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const publicUrl = options.publicOrigin ?? url;
  const callbackUrls = Object.values(callbackIds).map(
    (id) => `${publicUrl}/identities/oauth2/callback/${id}`,
  );
  const keyRing = new FakeKeyRing();
  const providers = new FakeCredentialProviders();
  const { secret } = providers;
  const issuer = await RealOauthServer.start({
    callbackUrls,
    secret,
    publicJwk: keyRing.publicJwk,
    ...options,
  });
  const vault = new SealingVault();
  const workloadTokens = new FakeWorkloadTokens();
  const userTokens = new FakeUserTokens();
  userTokens.known.set('alice.own.token', alice);
  userTokens.known.set('bob.own.token', bob);
  const database = await openDatabase(':memory:');
  const identities = createSqlWorkloadIdentityStore({ database });
  const clock = new FakeClock(Date.now());
  const nowMs = clock.now();
  for (const name of ['agent', 'second-agent'])
    await identities.insert(
      {
        ...scope,
        name,
        ownerRuntimeId: undefined,
        incarnation: name,
        returnUrls: [returnUrl],
        createdAtMs: nowMs,
        lastUpdatedAtMs: nowMs,
      },
      { arn: `arn:${name}`, tags: {} },
      10,
    );
  const failures: { readonly reason: string }[] = [];
  const unexpected: unknown[] = [];
  const privateIssuers = [issuer.name];
  const policy = new IssuerPolicy({ privateIssuers, hostAddresses: () => [] });
  const parts = {
    subjectTokens: openSubjectTokens({ database, vault, clock }),
    ...{
      database,
      vault,
      keyRing,
      workloadTokens,
      userTokens,
      credentials: providers,
      identities,
      policy,
      publicUrl,
      clock,
    },
    events: { oauthProviderFailed: (failure: { readonly reason: string }) => void failures.push(failure) },
    random: systemRandom,
  };
  const flows = openOauthFlows(parts);
  const { subjectTokens } = parts;
  const controlPlane = new ControlPlane({
    model: loadServiceOperations(),
    operations: {
      GetResourceOauth2Token: getResourceOauth2Token(flows),
      CompleteResourceTokenAuth: completeResourceTokenAuth(flows),
    },
    authenticator,
    authorize: async () => {},
    idempotency: new Idempotency({ store: new IdempotencyStore({ database }), clock }),
    rateLimits: new RateLimits({ clock }),
    quotas: ratesOf(),
    events: { unexpected: (failure) => void unexpected.push(failure), answered: () => {} },
    clock,
    random: systemRandom,
  });
  const seen = { unexpected: (failure: unknown) => void unexpected.push(failure) };
  const audit = new FakeAudit();
  const pages = { ...flows, audit, publicUrl, failures: seen, random: systemRandom };
  const app = await openIdentityApp(server, { pages, controlPlane });
  const client = new BedrockAgentCoreClient({
    endpoint: url,
    region: scope.region,
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
  const provider = (changes: Partial<OauthProvider> = {}): OauthProvider => ({
    ...scope,
    kind: 'oauth2',
    id: 'provider-1',
    name: 'docs',
    vendor: 'CustomOauth2',
    secret: { kind: 'managed' },
    createdAtMs: nowMs,
    lastUpdatedAtMs: nowMs,
    clientId: 'basic-client',
    discovery: { kind: 'document', url: issuer.discoveryUrl },
    clientAuthentication: { kind: 'secret-basic' },
    onBehalfOf: undefined,
    dialect: standardDialect,
    callbackId: callbackIds.docs,
    ...changes,
  });
  const add = async (changes: Partial<OauthProvider> = {}) => {
    const added = provider(changes);
    providers.known.push(added);
    await vault.createKey(scope, added.id);
    return added;
  };
  await add();
  const claims = (changes: Partial<WorkloadClaims> = {}): WorkloadClaims => ({
    ...scope,
    workload: 'agent',
    user: alice,
    session: undefined,
    ...changes,
  });
  const token = (changes: Partial<WorkloadClaims> = {}) => workloadTokens.issue(claims(changes));
  const get = async (wish: Wish = {}) => {
    const { $metadata: _, ...answer } = await client.send(
      new GetResourceOauth2TokenCommand({
        workloadIdentityToken: wish.workloadIdentityToken ?? (await token()),
        resourceCredentialProviderName: 'docs',
        oauth2Flow: 'USER_FEDERATION',
        scopes: ['openid', 'read'],
        ...wish,
      }),
    );
    return answer;
  };
  const complete = (sessionUri: string, userToken = 'alice.own.token') =>
    client.send(new CompleteResourceTokenAuthCommand({ sessionUri, userIdentifier: { userToken } }));
  const newBrowser = () => new ScriptedBrowser({ stopAt: 'https://app.example/' });
  /** A link for the user. */
  const ask = async (wish: Wish = {}) => {
    const { authorizationUrl = '', sessionUri = '' } = await get({
      resourceOauth2ReturnUrl: returnUrl,
      ...wish,
    });
    return { authorizationUrl, sessionUri };
  };
  /** How far a browser gets that is stopped before it brings the provider's answer back. */
  const atCallback = async (authorizationUrl: string, user?: string) => {
    const browser = newBrowser();
    const { stopAt } = browser;
    browser.stopAt = `${publicUrl}/identities/oauth2/callback/`;
    const { url: callback } = await browser.agree(authorizationUrl, user);
    browser.stopAt = stopAt;
    return { browser, callback };
  };
  /** Lets the clocks of the flows run until the work is done: 100 ms for about 5 real ones. */
  const withTime = async <Result>(work: Promise<Result>): Promise<Result> => {
    let isOver = false;
    const over = work.finally(() => (isOver = true));
    over.catch(() => {});
    while (!isOver) {
      await clock.advance(100);
      await sleep(5);
    }
    return over;
  };
  /** The whole way, to the first access token. */
  const grant = async (wish: Wish = {}) => {
    const { authorizationUrl, sessionUri } = await ask(wish);
    await newBrowser().agree(authorizationUrl);
    await complete(sessionUri);
    const { accessToken = '' } = await get({ ...wish, sessionUri });
    return accessToken;
  };
  return {
    ...{
      url,
      publicUrl,
      issuer,
      parts,
      flows,
      client,
      database,
      audit,
      clock,
      vault,
      providers,
      userTokens,
      keyRing,
    },
    ...{ subjectTokens, identities, failures, unexpected, privateIssuers, callbackIds },
    ...{ add, provider, claims, token, get, complete, newBrowser, ask, atCallback, withTime, grant },
    async [Symbol.asyncDispose]() {
      client.destroy();
      await app[Symbol.asyncDispose]();
      await issuer[Symbol.asyncDispose]();
      await database.destroy();
    },
  };
}

/** For assert.rejects: the SDK's exception by name. */
export function exception(name: string, message: RegExp = /./) {
  return (error: unknown) => {
    assert.ok(error instanceof Error);
    assert.equal(error.name, name, error.message);
    assert.match(error.message, message);
    return true;
  };
}
