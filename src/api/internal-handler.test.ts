import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import {
  BedrockAgentCoreClient,
  GetWorkloadAccessTokenCommand,
  GetWorkloadAccessTokenForUserIdCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient,
  ListAgentRuntimesCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { verifies } from '../../test/requirements.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Authorize } from '../auth/authorize.ts';
import { testAuthorizer } from '../auth/testing/test-authorizer.ts';
import type { SigningPrincipal } from '../auth/principal.ts';
import { FakeAudit } from '../auth/testing/fake-audit.ts';
import { testRole } from '../auth/role/testing/roles.ts';
import { workloadIdentityArn } from '../runtimes/arns.ts';
import { systemClock } from '../shared/clock.ts';
import { systemRandom } from '../shared/ids.ts';
import { openDatabase } from '../storage/database.ts';
import { IdempotencyStore } from '../storage/idempotency-store.ts';
import type { AnsweredRequest } from './answered-request.ts';
import { ControlPlane } from './control-plane.ts';
import { Idempotency } from './idempotency.ts';
import { authorizeInside, internalHandler } from './internal-handler.ts';
import { loadServiceOperations } from './model/service-operation.ts';
import { RateLimits } from './rate-limits.ts';
import { ratesOf } from './testing/rates.ts';

const role = testRole();
const own = role.workload;

describe('what sandboxes are served', () => {
  it("is Identity's data operations, to the runtime's role for its own workload identity", async (context) => {
    verifies('role:internal-listener', 'role:limited');
    const { data } = await start(context);

    const answer = await data.send(new GetWorkloadAccessTokenCommand({ workloadName: own }));
    assert.equal(answer.workloadAccessToken, `for ${own}`);
    const other = new GetWorkloadAccessTokenCommand({ workloadName: 'other-AbCdEf1234' });
    await assert.rejects(data.send(other), {
      name: 'AccessDeniedException',
      message: /GetWorkloadAccessToken on arn:.*workload-identity\/other-AbCdEf1234/,
    });
    // No other member of the body decides over what is allowed.
    const userId = `arn:aws:bedrock-agentcore:us-east-1:111122223333:workload-identity-directory/default/workload-identity/${own}`;
    const tricky = new GetWorkloadAccessTokenForUserIdCommand({ workloadName: 'other-AbCdEf1234', userId });
    await assert.rejects(data.send(tricky), { name: 'AccessDeniedException' });
  });

  it('is told to the log with the session that called, and no secret', async (context) => {
    verifies('role:by-address');
    const { data, answered } = await start(context);

    await data.send(new GetWorkloadAccessTokenCommand({ workloadName: own }));

    const [{ requestId: _, durationMs: _ms, ...request } = assert.fail('nothing was told')] = answered;
    const { runtimeId, sessionId } = role;
    const operation = 'GetWorkloadAccessToken';
    assert.deepEqual(request, { operation, accessKeyId: undefined, runtimeId, sessionId, status: 200 });
  });

  it('is nothing of the control plane, not even to an access key', async (context) => {
    verifies('role:internal-listener', 'authz:audit-doors');
    const asRole = await start(context);
    const asKey = await start(context, { as: adminKey });

    for (const { control } of [asRole, asKey])
      await assert.rejects(control.send(new ListAgentRuntimesCommand({})), { name: 'AccessDeniedException' });
    for (const { audit } of [asRole, asKey])
      assert.match(audit.lines.join(), /^deny arn:\S+ bedrock-agentcore:ListAgentRuntimes \* \(.*\)$/);
    const { workloadAccessToken } = await asKey.data.send(
      new GetWorkloadAccessTokenCommand({ workloadName: own }),
    );
    assert.ok(workloadAccessToken);
  });

  it('is an operation of the control plane that the role was granted', async (context) => {
    verifies('role:internal-listener', 'role:limited');
    // As a policy of the resource does.
    const rule: Authorize = async (...asked) => {
      if (asked[1] !== 'ListAgentRuntimes') await testAuthorizer()(...asked);
    };
    const { control } = await start(context, { rule });

    assert.deepEqual((await control.send(new ListAgentRuntimesCommand({}))).agentRuntimes, []);
  });

  it('is four of all operations of the service, by its role', async () => {
    verifies('role:limited');
    const workload = workloadIdentityArn(role, own);
    const model = loadServiceOperations();
    const rule = authorizeInside({ rule: testAuthorizer(), model, audit: new FakeAudit() });
    const access = { requestId: 'r', sourceIp: undefined, isSecure: false };
    const allowed: string[] = [];
    for (const { name } of model)
      await rule(role, name, workload, access).then(
        () => allowed.push(name),
        () => {},
      );

    assert.deepEqual(allowed.toSorted(), [
      'GetResourceApiKey',
      'GetResourceOauth2Token',
      'GetWorkloadAccessToken',
      'GetWorkloadAccessTokenForJWT',
    ]);
  });

  it("is neither the registry, nor the operators' API, nor metrics", async (context) => {
    verifies('role:internal-listener');
    const { endpoint } = await start(context);
    for (const path of ['/v2/', '/berth/v1/server', '/metrics', '/healthz', '/readyz', '/'])
      assert.equal((await fetch(endpoint + path)).status, 404, path);
  });
});

const adminKey: SigningPrincipal = {
  kind: 'access-key',
  accountId: role.accountId,
  region: role.region,
  accessKeyId: 'AKIAABCDEFGHIJKLMNOP',
  role: 'admin',
};

/** Believes that all callers are `as`. */
async function start(
  context: TestContext,
  { as = role, rule: given }: { readonly as?: SigningPrincipal; readonly rule?: Authorize } = {},
) {
  const answered: AnsweredRequest[] = [];
  const audit = new FakeAudit();
  const rule = given ?? testAuthorizer({ audit });
  const database = await openDatabase(':memory:');
  const model = loadServiceOperations();
  const authenticator: Authenticator<SigningPrincipal> = {
    begin: async () => ({
      claimedBodySha256: undefined,
      isBodySigned: false,
      principal: as,
      verifyBody: () => as,
    }),
  };
  const controlPlane = new ControlPlane({
    model,
    operations: {
      GetWorkloadAccessToken: async ({ workloadName }) => ({ workloadAccessToken: `for ${workloadName}` }),
      GetWorkloadAccessTokenForUserId: async () => assert.fail('not reached'),
      ListAgentRuntimes: async () => ({ agentRuntimes: [] }),
    },
    authenticator,
    authorize: authorizeInside({ rule, model, audit }),
    idempotency: new Idempotency({ store: new IdempotencyStore({ database }), clock: systemClock }),
    rateLimits: new RateLimits({ clock: systemClock }),
    quotas: ratesOf(),
    events: {
      unexpected: ({ error }) => assert.fail(String(error)),
      answered: (request) => answered.push(request),
    },
    clock: systemClock,
    random: systemRandom,
  });
  const nothing = { handles: () => false, handle: () => assert.fail('not reached') };
  const server = createServer(internalHandler({ dataPlane: nothing, controlPlane, metadata: nothing }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const endpoint = `http://127.0.0.1:${address.port}`;
  const client = {
    endpoint,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'of AWS' },
  };
  context.after(async () => {
    server.closeAllConnections();
    server.close();
    await database.destroy();
  });
  return {
    audit,
    answered,
    endpoint,
    data: new BedrockAgentCoreClient(client),
    control: new BedrockAgentCoreControlClient(client),
  };
}
