import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AccessDeniedException,
  BedrockAgentCoreClient,
  GetWorkloadAccessTokenCommand,
  GetWorkloadAccessTokenForJWTCommand,
  GetWorkloadAccessTokenForUserIdCommand,
  InternalServerException,
  ResourceNotFoundException,
  ThrottlingException,
  UnauthorizedException,
  ValidationException,
} from '@aws-sdk/client-bedrock-agentcore';
import { fastify } from 'fastify';
import { FakeClock } from '../../../../test/fakes/fake-clock.ts';
import { verifies } from '../../../../test/requirements.ts';
import type { Authenticator } from '../../../auth/authenticator.ts';
import { testAuthorizer } from '../../../auth/testing/test-authorizer.ts';
import { IssuerKeys } from '../../../auth/jwt/issuer-keys.ts';
import { TestIssuer } from '../../../auth/jwt/testing/test-issuer.ts';
import { TokenVerifier } from '../../../auth/jwt/token-verifier.ts';
import type { KeyPrincipal } from '../../../auth/principal.ts';
import { testScope as scope } from '../../../identity/testing/tokens-under-test.ts';
import { workloadIdentityArn } from '../../../runtimes/arns.ts';
import { systemClock } from '../../../shared/clock.ts';
import { BerthError } from '../../../shared/errors.ts';
import { systemRandom } from '../../../shared/ids.ts';
import { IdempotencyStore } from '../../../storage/idempotency-store.ts';
import { ControlPlane } from '../../control-plane.ts';
import { caller, controlFixture, settingsOf } from '../../control/testing/control-fixture.ts';
import { Idempotency } from '../../idempotency.ts';
import { loadServiceOperations } from '../../model/service-operation.ts';
import { RateLimits } from '../../rate-limits.ts';
import { registerControlPlane } from '../../register-control-plane.ts';
import { ratesOf } from '../../testing/rates.ts';

/** Believes the access key that the caller names: `invoke` has that role. */
const authenticator: Authenticator = {
  async begin({ headers }) {
    const accessKeyId = /Credential=(\w+)/.exec(headers.authorization ?? '')?.[1];
    if (accessKeyId === undefined) throw new BerthError('missing-authentication', 'Sign the request.');
    const role = accessKeyId === 'invoke' ? 'invoker' : 'admin';
    const principal: KeyPrincipal = { kind: 'access-key', accessKeyId, role, ...scope };
    return { claimedBodySha256: undefined, isBodySigned: true, principal, verifyBody: () => principal };
  },
};

/** The operations behind HTTP, two issuers, the workload `worker`, and the runtime `agent` that takes tokens of the first. */
async function open(options: { readonly identityReadRate?: number } = {}) {
  const clock = new FakeClock();
  const now = () => clock.now();
  const own = await TestIssuer.create(now, 'https://own.example');
  const trusted = await TestIssuer.create(now, 'https://trusted.example');
  const issuers = [own, trusted];
  const keys = new IssuerKeys({
    describe: async (url) =>
      issuers.find(({ discoveryUrl }) => discoveryUrl === url)?.describe() ?? assert.fail(url),
    events: { issuerFailed: () => {} },
    clock,
  });
  const verifier = new TokenVerifier({ keys, clock });
  const fixture = await controlFixture({
    clock,
    issuers: {
      trustedIssuers: [trusted.discoveryUrl],
      issuerTokens: {
        issuerName: async (url) => (await keys.current(url)).issuer,
        verify: verifier.verify.bind(verifier),
      },
    },
  });
  const asked: string[] = [];
  const failures: unknown[] = [];
  const controlPlane = new ControlPlane({
    model: loadServiceOperations(),
    operations: fixture.operations,
    authenticator,
    authorize: async (principal, action, resource, access) => {
      asked.push(`${action} ${resource}`);
      await testAuthorizer()(principal, action, resource, access);
    },
    idempotency: new Idempotency({ store: new IdempotencyStore(fixture), clock: systemClock }),
    rateLimits: new RateLimits({ clock: { ...systemClock, now: () => 0 } }),
    quotas: ratesOf(options),
    events: { unexpected: (failure) => failures.push(failure), answered: () => {} },
    clock: systemClock,
    random: systemRandom,
  });
  const app = fastify();
  registerControlPlane(app, controlPlane);
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  const client = (accessKeyId = 'admin') =>
    new BedrockAgentCoreClient({
      ...{ endpoint, region: 'us-east-1', maxAttempts: 1 },
      credentials: { accessKeyId, secretAccessKey: 'secret' },
    });
  const { operations, tokens } = fixture;
  await operations.CreateWorkloadIdentity({ name: 'worker' }, caller);
  const { agentRuntimeId: agent } = await operations.CreateAgentRuntime(
    {
      agentRuntimeName: 'agent',
      ...settingsOf('echo:v1'),
      authorizerConfiguration: {
        customJWTAuthorizer: { discoveryUrl: own.discoveryUrl, allowedAudience: ['the-agent'] },
      },
    },
    caller,
  );
  await fixture.settle();
  return {
    ...{ own, trusted, fixture, agent, asked, failures, client },
    claimsOf: (token: string | undefined) => tokens.workloadTokens.verify(scope, token ?? ''),
    forJwt: (workloadName: string, userToken: string) =>
      client().send(new GetWorkloadAccessTokenForJWTCommand({ workloadName, userToken })),
    async [Symbol.asyncDispose]() {
      await app.close();
      await fixture[Symbol.asyncDispose]();
    },
  };
}

describe('workload access tokens, asked for with the AWS SDK', () => {
  it('are given without a user, and for whomever the caller names', async () => {
    verifies('token:workload', 'token:for-user-id');
    await using opened = await open();
    const { client, claimsOf } = opened;
    const plain = await client().send(new GetWorkloadAccessTokenCommand({ workloadName: 'worker' }));
    const common = { ...scope, workload: 'worker', session: undefined, actors: [] };
    assert.deepEqual(await claimsOf(plain.workloadAccessToken), { ...common, user: undefined });
    const named = await client().send(
      new GetWorkloadAccessTokenForUserIdCommand({ workloadName: 'worker', userId: 'ann' }),
    );
    const user = { kind: 'named', userId: 'ann' };
    assert.deepEqual(await claimsOf(named.workloadAccessToken), { ...common, user });
  });

  it('are given for the user whom a token proves', async () => {
    verifies('token:for-jwt', 'oauth:subject-token');
    await using opened = await open();
    const { own, trusted, agent, forJwt, claimsOf, fixture } = opened;
    const userOf = async (workload: string, userToken: string) =>
      (await claimsOf((await forJwt(workload, userToken)).workloadAccessToken)).user;
    const ofOwn = await own.sign({ sub: 'ann', aud: 'the-agent' });
    assert.deepEqual(await userOf(agent, ofOwn), { kind: 'user', issuer: own.name, subject: 'ann' });
    const ofTrusted = await trusted.sign({ sub: 'ann' });
    for (const workload of ['worker', agent])
      assert.deepEqual(await userOf(workload, ofTrusted), {
        ...{ kind: 'user', issuer: trusted.name, subject: 'ann' },
      });
    // The runtime's issuer is trusted for the runtime only, and by its rules.
    await assert.rejects(forJwt('worker', ofOwn), {
      name: 'AccessDeniedException',
      message: /issuer that is not trusted for the workload identity worker/,
    });
    await assert.rejects(forJwt(agent, await own.sign({ aud: 'another' })), {
      name: 'UnauthorizedException',
      message: /audience/,
    });
    assert.deepEqual(
      fixture.keptUserTokens.map(({ claims, userToken }) => [claims.workload, userToken]),
      [[agent, ofOwn], ...['worker', agent].map((workload) => [workload, ofTrusted])],
      'token exchange needs them',
    );
  });

  it('are refused to a user token that has expired, was changed, or is signed by somebody else', async () => {
    verifies('token:for-jwt', 'token:refused');
    await using opened = await open();
    const { own, trusted, fixture, agent, forJwt } = opened;
    const good = await own.sign({ aud: 'the-agent' });
    const [head, , signature] = good.split('.');
    const other = await own.sign({ sub: 'bob', aud: 'the-agent' });
    const stranger = await TestIssuer.create(() => fixture.clock.now(), own.name);
    const bad = [
      `${head}.${other.split('.')[1]}.${signature}`,
      await stranger.sign({ aud: 'the-agent' }),
      await own.sign({ aud: 'the-agent', exp: fixture.clock.now() / 1_000 - 61 }),
      await trusted.sign({ iss: own.name, aud: 'the-agent' }),
      await own.sign({ iss: undefined }),
      'a.b.c',
    ];
    for (const userToken of bad)
      await assert.rejects(forJwt(agent, userToken), (error: Error) => {
        assert.equal(error.name, 'UnauthorizedException', error.message);
        for (const part of userToken.split('.')) assert.ok(part.length < 8 || !error.message.includes(part));
        return true;
      });
    await forJwt(agent, good);
    await fixture.operations.DeleteAgentRuntime({ agentRuntimeId: agent }, caller);
    await fixture.settle();
    await assert.rejects(forJwt(agent, good), { name: 'ResourceNotFoundException' });
  });

  it('are given to users of one issuer while another one is down', async () => {
    verifies('token:issuer-down');
    await using opened = await open();
    const { own, trusted, agent, forJwt } = opened;
    own.isDown = true;
    await forJwt(agent, await trusted.sign());
    await assert.rejects(forJwt(agent, await own.sign({ aud: 'the-agent' })), {
      name: 'ServiceUnavailableException',
    });
  });

  it('take a permission each, on the identity', async () => {
    verifies('token:permissions');
    await using opened = await open();
    const { client, asked, trusted } = opened;
    const names = { workloadName: 'worker', userId: 'ann', userToken: await trusted.sign() };
    const arn = workloadIdentityArn(scope, 'worker');
    const asks = {
      GetWorkloadAccessToken: (key: string) => client(key).send(new GetWorkloadAccessTokenCommand(names)),
      GetWorkloadAccessTokenForJWT: (key: string) =>
        client(key).send(new GetWorkloadAccessTokenForJWTCommand(names)),
      GetWorkloadAccessTokenForUserId: (key: string) =>
        client(key).send(new GetWorkloadAccessTokenForUserIdCommand(names)),
    };
    for (const [action, ask] of Object.entries(asks)) {
      asked.length = 0;
      await ask('admin');
      assert.deepEqual(asked, [`${action} ${arn}`]);
      await assert.rejects(ask('invoke'), (error: Error) => {
        assert.ok(error instanceof AccessDeniedException);
        assert.ok(error.message.includes(`bedrock-agentcore:${action} on ${arn}`), error.message);
        return true;
      });
    }
  });

  it('are refused with every error that the service model lists', async () => {
    verifies('token:errors');
    for (const operation of loadServiceOperations().filter(({ name }) =>
      name.startsWith('GetWorkloadAccessToken'),
    ))
      assert.deepEqual(operation.errors.toSorted(), [
        ...['AccessDeniedException', 'InternalServerException', 'ResourceNotFoundException'],
        ...['ThrottlingException', 'UnauthorizedException', 'ValidationException'],
      ]);
    await using opened = await open();
    const { client, fixture, failures, trusted } = opened;
    const userToken = await trusted.sign();
    const asks = (workloadName: string, userId = 'ann') => [
      () => client().send(new GetWorkloadAccessTokenCommand({ workloadName })),
      () => client().send(new GetWorkloadAccessTokenForJWTCommand({ workloadName, userToken })),
      () => client().send(new GetWorkloadAccessTokenForUserIdCommand({ workloadName, userId })),
    ];
    for (const ask of asks('nobody')) await assert.rejects(ask(), ResourceNotFoundException);
    for (const ask of asks('no such form!')) await assert.rejects(ask(), ValidationException);
    await assert.rejects(asks('worker', 'x'.repeat(129))[2]?.() ?? assert.fail(), ValidationException);
    const expired = await trusted.sign({ exp: 1 });
    await assert.rejects(opened.forJwt('worker', expired), UnauthorizedException);

    await using limited = await open({ identityReadRate: 1 });
    const ask = () => limited.client().send(new GetWorkloadAccessTokenCommand({ workloadName: 'worker' }));
    await ask();
    await assert.rejects(ask(), ThrottlingException);

    assert.deepEqual(failures, []);
    await fixture.database.schema.dropTable('workload_identities').execute();
    for (const broken of asks('worker')) await assert.rejects(broken(), InternalServerException);
    assert.equal(failures.length, 3);
  });
});
