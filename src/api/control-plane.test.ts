import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import {
  BedrockAgentCoreControlClient,
  CreateAgentRuntimeCommand,
  DeleteAgentRuntimeCommand,
  GetAgentRuntimeCommand,
  GetBrowserCommand,
  ListAgentRuntimesCommand,
  TagResourceCommand,
  UntagResourceCommand,
  ValidationException,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { fastify } from 'fastify';
import { verifies } from '../../test/requirements.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import type { KeyPrincipal } from '../auth/principal.ts';
import { SigV4Authenticator } from '../auth/sigv4/sigv4-authenticator.ts';
import { testAuthorizer } from '../auth/testing/test-authorizer.ts';
import { systemClock } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';
import { systemRandom, type AccountId } from '../shared/ids.ts';
import { openDatabase } from '../storage/database.ts';
import { IdempotencyStore } from '../storage/idempotency-store.ts';
import { ControlPlane } from './control-plane.ts';
import { Idempotency } from './idempotency.ts';
import { loadServiceOperations } from './model/service-operation.ts';
import type { Operations } from './operation.ts';
import { RateLimits } from './rate-limits.ts';
import { refuseBadUrls, registerControlPlane } from './register-control-plane.ts';
import { ratesOf } from './testing/rates.ts';

const arn = 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/a-AbCdEf1234';
const runtime = {
  agentRuntimeName: 'a',
  agentRuntimeArtifact: { containerConfiguration: { containerUri: '127.0.0.1:4700/a:v1' } },
  roleArn: 'arn:aws:iam::111122223333:role/agent',
};

/** Believes the access key that the caller names: `invoke` has that role, `unknown` is refused. */
const authenticator: Authenticator = {
  async begin({ headers }) {
    const accessKeyId = /Credential=(\w+)/.exec(headers.authorization ?? '')?.[1];
    if (accessKeyId === undefined) throw new BerthError('missing-authentication', 'Sign the request.');
    if (accessKeyId === 'unknown') throw new BerthError('unrecognized-client', 'No such key.');
    const role = accessKeyId === 'invoke' ? 'invoker' : 'admin';
    const scope = { accountId: '111122223333' as AccountId, region: 'us-east-1' };
    const principal: KeyPrincipal = { kind: 'access-key', accessKeyId, role, ...scope };
    const verifyBody = () => {
      if (headers['x-forged'] !== undefined)
        throw new BerthError('invalid-signature', 'The body is another one.');
      return principal;
    };
    return { claimedBodySha256: undefined, isBodySigned: true, principal, verifyBody };
  },
};

async function start(
  context: TestContext,
  operations: Operations,
  controlMutationRate = 0,
  signatures = authenticator,
) {
  const unexpected: unknown[] = [];
  const answered: string[] = [];
  const database = await openDatabase(':memory:');
  const controlPlane = new ControlPlane({
    model: loadServiceOperations(),
    operations,
    authenticator: signatures,
    authorize: testAuthorizer(),
    idempotency: new Idempotency({ store: new IdempotencyStore({ database }), clock: systemClock }),
    rateLimits: new RateLimits({ clock: { ...systemClock, now: () => 0 } }),
    quotas: ratesOf({ controlMutationRate }),
    events: {
      unexpected: (failure) => unexpected.push(failure),
      answered: ({ operation, status }) => answered.push(`${operation} ${status}`),
    },
    clock: systemClock,
    random: systemRandom,
  });
  const app = fastify({ frameworkErrors: refuseBadUrls({ controlPlane, registry: controlPlane }) });
  registerControlPlane(app, controlPlane);
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  const client = (accessKeyId = 'admin') => {
    const credentials = { accessKeyId, secretAccessKey: 'secret' };
    return new BedrockAgentCoreControlClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  };
  context.after(() => app.close());
  return { client, endpoint, unexpected, answered };
}

const signed = { authorization: 'AWS4-HMAC-SHA256 Credential=admin/x' };

describe('the control plane, called by the AWS SDK', () => {
  it('serves typed input and output, times and ids', async (context) => {
    verifies('wire:sdk-errors', 'wire:raw-path', 'wire:query-lists', 'wire:request-id');
    const seen: unknown[] = [];
    const createdAt = new Date('2026-01-02T03:04:05.678Z');
    const { client, answered } = await start(context, {
      CreateAgentRuntime: async (input) => {
        seen.push(input.agentRuntimeArtifact.containerConfiguration?.containerUri);
        return {
          agentRuntimeArn: arn,
          agentRuntimeId: 'a-AbCdEf1234',
          agentRuntimeVersion: '1',
          createdAt,
          status: 'CREATING',
        };
      },
      ListAgentRuntimes: async (input) => {
        seen.push(input);
        return { agentRuntimes: [], nextToken: undefined };
      },
      TagResource: async ({ resourceArn }) => {
        seen.push(resourceArn);
        return {};
      },
      UntagResource: async ({ tagKeys }) => {
        seen.push(tagKeys);
        return {};
      },
    });
    const created = await client().send(new CreateAgentRuntimeCommand(runtime));
    const listed = await client().send(new ListAgentRuntimesCommand({ maxResults: 5 }));
    await client().send(new TagResourceCommand({ resourceArn: arn, tags: { a: 'b' } }));
    await client().send(new UntagResourceCommand({ resourceArn: arn, tagKeys: ['a', 'b c'] }));
    assert.deepEqual(created.createdAt, createdAt);
    assert.equal(created.$metadata.httpStatusCode, 202);
    assert.match(created.$metadata.requestId ?? '', /^[0-9a-f-]{36}$/);
    assert.deepEqual(listed.agentRuntimes, []);
    assert.deepEqual(seen, ['127.0.0.1:4700/a:v1', { maxResults: 5 }, arn, ['a', 'b c']]);
    assert.deepEqual(answered, [
      'CreateAgentRuntime 202',
      'ListAgentRuntimes 200',
      'TagResource 204',
      'UntagResource 204',
    ]);
  });

  it('types errors, with reason, fields and request id', async (context) => {
    verifies('wire:sdk-errors');
    const { client } = await start(context, {
      CreateAgentRuntime: () => assert.fail('not reached'),
      DeleteAgentRuntime: () => Promise.reject(new BerthError('not-found', 'No runtime a-AbCdEf1234.')),
    });
    const creation = client().send(
      new CreateAgentRuntimeCommand({ ...runtime, agentRuntimeName: 'no-hyphen' }),
    );
    await assert.rejects(creation, (error) => {
      assert.ok(error instanceof ValidationException);
      assert.equal(error.reason, 'FieldValidationFailed');
      assert.deepEqual(
        error.fieldList?.map((field) => field.name),
        ['agentRuntimeName'],
      );
      return error.$metadata.requestId !== undefined && error.$metadata.httpStatusCode === 400;
    });
    const deletion = client().send(new DeleteAgentRuntimeCommand({ agentRuntimeId: 'a-AbCdEf1234' }));
    await assert.rejects(deletion, {
      name: 'ResourceNotFoundException',
      message: 'No runtime a-AbCdEf1234.',
    });
  });

  it('answers 501 for what is not built and hides what went wrong inside', async (context) => {
    verifies('wire:model-is-data', 'wire:internal-hidden');
    const { client, unexpected } = await start(context, {
      GetAgentRuntime: () => Promise.reject(new TypeError('undefined is not a database')),
    });
    const unbuilt = client().send(new GetBrowserCommand({ browserId: 'b' }));
    await assert.rejects(unbuilt, (error) => error instanceof Error && /GetBrowser/.test(error.message));
    const failed = client().send(new GetAgentRuntimeCommand({ agentRuntimeId: 'a-AbCdEf1234' }));
    await assert.rejects(failed, (error) => error instanceof Error && !/database/.test(error.message));
    assert.equal(unexpected.length, 1);
  });

  it('authorises before it looks at the input', async (context) => {
    verifies('wire:authorize');
    const { client } = await start(context, {});
    const refused = client('invoke').send(new DeleteAgentRuntimeCommand({ agentRuntimeId: 'malformed' }));
    await assert.rejects(refused, (error) => {
      assert.ok(error instanceof Error);
      assert.match(
        error.message,
        /bedrock-agentcore:DeleteAgentRuntime on arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime\/malformed/,
      );
      return error.name === 'AccessDeniedException';
    });
  });

  it('answers a repeated client token as before and throttles by class', async (context) => {
    verifies('wire:idempotent', 'wire:rate-quotas');
    let version = 0;
    const { client } = await start(
      context,
      {
        CreateAgentRuntime: async () => ({
          agentRuntimeArn: arn,
          agentRuntimeId: 'a-AbCdEf1234',
          agentRuntimeVersion: String((version += 1)),
          createdAt: new Date(0),
          status: 'CREATING',
        }),
        ListAgentRuntimes: async () => ({ agentRuntimes: [] }),
      },
      2,
    );
    const create = () =>
      client().send(new CreateAgentRuntimeCommand({ ...runtime, clientToken: 't'.repeat(33) }));
    const [first, second] = [await create(), await create()];
    assert.deepEqual([first.agentRuntimeVersion, second.agentRuntimeVersion], ['1', '1']);
    await assert.rejects(create(), { name: 'ThrottlingException' });
    await client().send(new ListAgentRuntimesCommand({}));
  });
});

describe('the control plane, called by anything', () => {
  it('tells a caller that is not proven nothing but that', async (context) => {
    verifies('wire:authentication-first', 'wire:request-id');
    const { endpoint } = await start(context, {});
    for (const path of ['/nothing', '/runtimes/%zz', '/browsers/b', '/runtimes/']) {
      const unsigned = await fetch(endpoint + path, { method: 'POST', body: '{' });
      assert.equal(unsigned.headers.get('x-amzn-errortype'), 'MissingAuthenticationTokenException');
      assert.equal(unsigned.status, 403);
      assert.ok(unsigned.headers.get('x-amzn-requestid'));
      const forged = await fetch(endpoint + path, {
        method: 'POST',
        body: '{',
        headers: { ...signed, 'x-forged': '1' },
      });
      assert.equal(forged.headers.get('x-amzn-errortype'), 'InvalidSignatureException');
    }
  });

  it("answers a bearer token with 401 where the model has that, and elsewhere with the authenticator's 403", async (context) => {
    verifies('identity:unauthorized');
    const nobody = { accessKeys: { find: async () => undefined }, clock: systemClock, region: 'us-east-1' };
    const { endpoint } = await start(context, {}, 0, new SigV4Authenticator(nobody));
    const send = async (method: string, path: string, authorization: string) => {
      const answer = await fetch(`${endpoint}${path}`, { method, headers: { authorization } });
      const { headers, status } = answer;
      return [status, headers.get('x-amzn-errortype'), headers.get('www-authenticate')];
    };
    const unauthorized = [401, 'UnauthorizedException', 'AWS4-HMAC-SHA256'];
    for (const token of ['Bearer a.b.c', 'bearer x', 'BEARER'])
      for (const path of ['/identities/GetWorkloadIdentity', '/identities/api-key', '/identities/api-key/'])
        assert.deepEqual(await send('POST', path, token), unauthorized);
    for (const [method, path] of [
      ['POST', '/runtimes/'],
      ['GET', '/identities/GetWorkloadIdentity'],
      ['POST', '/identities/%ZZ'],
      ['POST', '/nowhere'],
    ] as const)
      assert.deepEqual(await send(method, path, 'Bearer a.b.c'), [403, 'AccessDeniedException', null]);
    const malformed = await send('POST', '/identities/api-key', 'Bearers a.b.c');
    assert.deepEqual(malformed, [403, 'InvalidSignatureException', null]);
  });

  it('answers 404 for unknown paths and methods, and 400 for malformed ones', async (context) => {
    const { endpoint } = await start(context, {});
    for (const [method, path, status] of [
      ['GET', '/nothing', 404],
      ['OPTIONS', '/runtimes/', 404],
      ['HEAD', '/runtimes/', 404],
      ['GET', '/runtimes/%zz', 400],
    ] as const) {
      const answer = await fetch(endpoint + path, { method, headers: signed });
      assert.equal(answer.status, status, `${method} ${path}`);
    }
  });

  it('refuses a body over 6 MB, and the caller that is still sending sees the error', async (context) => {
    verifies('wire:body-limit');
    const { endpoint } = await start(context, { CreateAgentRuntime: () => assert.fail('not reached') });
    const megabyte = Buffer.alloc(1024 * 1024, 0x20);
    for (const headers of [{ ...signed, 'content-length': 9 * megabyte.length }, signed]) {
      const answer = await new Promise<string>((resolve, reject) => {
        const request = httpRequest(`${endpoint}/runtimes/`, { method: 'PUT', headers, agent: false });
        request.on('response', (response) => {
          response.setEncoding('utf8').on('data', (text) => resolve(`${response.statusCode} ${text}`));
        });
        request.on('error', reject);
        for (let sent = 0; sent < 9; sent += 1) request.write(megabyte);
        request.end();
      });
      assert.match(answer, /^400 .*larger than 6291456 bytes/);
    }
  });
});
