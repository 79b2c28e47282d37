import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CreateAgentRuntimeEndpointCommand,
  DeleteAgentRuntimeCommand,
  DeleteAgentRuntimeEndpointCommand,
  DeleteResourcePolicyCommand,
  GetAgentRuntimeCommand,
  GetAgentRuntimeEndpointCommand,
  GetResourcePolicyCommand,
  PutResourcePolicyCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { verifies } from '../../../test/requirements.ts';
import { accessFixture } from '../testing/access-fixture.ts';
import { readyRuntime } from './testing/control-fixture.ts';

const denied = { name: 'AccessDeniedException' };

function arnOf(id: string, endpoint?: string): string {
  const runtime = `arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/${id}`;
  return endpoint === undefined ? runtime : `${runtime}/runtime-endpoint/${endpoint}`;
}

function policyOf(resourceArn: string, ...statements: readonly object[]): string {
  const common = { Principal: '*', Resource: resourceArn };
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({ ...common, ...statement })),
  });
}

const user = (name: string) => ({ AWS: `arn:aws:iam::111122223333:user/${name}` });

describe('resource policies, by the AWS SDK', () => {
  it('are put, read back as they were given, replaced and deleted', async () => {
    verifies('authz:policy-operations');
    await using fixture = await accessFixture();
    const id = await readyRuntime(fixture.control);
    const client = fixture.client();
    for (const resourceArn of [arnOf(id), arnOf(id, 'DEFAULT')]) {
      const policy = ` ${policyOf(resourceArn, { Effect: 'Deny', Action: 'bedrock-agentcore:UpdateAgentRuntime' })}`;
      assert.equal((await client.send(new GetResourcePolicyCommand({ resourceArn }))).policy, undefined);
      const put = await client.send(new PutResourcePolicyCommand({ resourceArn, policy }));
      assert.deepEqual([put.policy, put.$metadata.httpStatusCode], [policy, 201]);
      assert.equal((await client.send(new GetResourcePolicyCommand({ resourceArn }))).policy, policy);
      const next = policyOf(resourceArn, { Effect: 'Allow', Action: '*' });
      await client.send(new PutResourcePolicyCommand({ resourceArn, policy: next }));
      assert.equal((await client.send(new GetResourcePolicyCommand({ resourceArn }))).policy, next);
      for (let times = 0; times < 2; times += 1) {
        const gone = await client.send(new DeleteResourcePolicyCommand({ resourceArn }));
        assert.equal(gone.$metadata.httpStatusCode, 204);
      }
      assert.equal((await client.send(new GetResourcePolicyCommand({ resourceArn }))).policy, undefined);
    }
  });

  it('are refused for what is not there, for other resources, and when they are not understood', async () => {
    verifies('authz:policy-operations', 'authz:policy-understood', 'authz:policy-quotas');
    await using fixture = await accessFixture();
    const id = await readyRuntime(fixture.control);
    const put = (resourceArn: string, policy: string) =>
      fixture.client().send(new PutResourcePolicyCommand({ resourceArn, policy }));
    const allow = { Effect: 'Allow', Action: '*' };
    const missing = [
      arnOf('none-AbCdEf1234'),
      arnOf(id, 'none'),
      arnOf(id).replace('us-east-1', 'eu-west-1'),
    ];
    for (const resourceArn of [...missing, arnOf(id).replace('arn:aws:', 'arn:aws-cn:')])
      await assert.rejects(put(resourceArn, policyOf(resourceArn, allow)), {
        name: 'ResourceNotFoundException',
      });
    const gateway = 'arn:aws:bedrock-agentcore:us-east-1:111122223333:gateway/mine-abcdefghij';
    await assert.rejects(put(gateway, policyOf(gateway, allow)), { name: 'ValidationException' });
    const condition = { StringEquals: { 'aws:SourceVpc': 'vpc-1' } };
    await assert.rejects(put(arnOf(id), policyOf(arnOf(id), { ...allow, Condition: condition })), {
      name: 'ValidationException',
      message: /aws:SourceVpc.*It knows aws:CurrentTime/,
    });
    await assert.rejects(put(arnOf(id), policyOf(arnOf(id), allow).padEnd(20_481)), {
      name: 'ValidationException',
    });
    const resourceArn = arnOf(id);
    assert.equal(
      (await fixture.client().send(new GetResourcePolicyCommand({ resourceArn }))).policy,
      undefined,
    );
  });

  it('count from the next call on, for keys by name, whatever their role', async () => {
    verifies('authz:policy-evaluation', 'authz:policy-principals', 'authz:policy-at-once');
    await using fixture = await accessFixture();
    const id = await readyRuntime(fixture.control);
    const [web, other] = [
      fixture.client(await fixture.accessKeys.create('invoker', 'web')),
      fixture.client(await fixture.accessKeys.create('invoker', 'other')),
    ];
    const get = new GetAgentRuntimeCommand({ agentRuntimeId: id });
    const put = (...statements: readonly object[]) =>
      fixture.client().send(
        new PutResourcePolicyCommand({
          resourceArn: arnOf(id),
          policy: policyOf(arnOf(id), ...statements),
        }),
      );
    await assert.rejects(web.send(get), denied);
    const allow = { Effect: 'Allow', Principal: user('web'), Action: 'bedrock-agentcore:GetAgentRuntime' };
    await put(allow);
    await web.send(get);
    await assert.rejects(other.send(get), denied);
    await put(allow, { Effect: 'Deny', Action: 'bedrock-agentcore:Get*', Sid: 'Nobody' });
    for (const client of [web, fixture.client()])
      await assert.rejects(client.send(get), {
        ...denied,
        message: /explicit deny in a resource-based policy/,
      });
    const elsewhere = { NotIpAddress: { 'aws:SourceIp': '127.0.0.0/8' } };
    await put(allow, { Effect: 'Deny', Action: '*', Condition: elsewhere });
    await web.send(get);
    await put(allow, { Effect: 'Deny', Action: '*', Condition: { Bool: { 'aws:SecureTransport': false } } });
    await assert.rejects(web.send(get), denied);
  });

  it('of a runtime and of its endpoint both count for the endpoint', async () => {
    verifies('authz:policy-both');
    await using fixture = await accessFixture();
    const id = await readyRuntime(fixture.control);
    const web = fixture.client(await fixture.accessKeys.create('invoker', 'web'));
    const allow = {
      Effect: 'Allow',
      Principal: user('web'),
      Action: 'bedrock-agentcore:GetAgentRuntimeEndpoint',
    };
    const get = new GetAgentRuntimeEndpointCommand({ agentRuntimeId: id, endpointName: 'DEFAULT' });
    const put = (resourceArn: string, statement: object) =>
      fixture
        .client()
        .send(new PutResourcePolicyCommand({ resourceArn, policy: policyOf(resourceArn, statement) }));

    await put(arnOf(id), allow);
    await assert.rejects(web.send(get), denied, 'the endpoint does not allow it');
    await put(arnOf(id, 'DEFAULT'), allow);
    await web.send(get);
    await put(arnOf(id), { Effect: 'Deny', Action: '*' });
    await assert.rejects(web.send(get), denied, 'the runtime denies it');
    await assert.rejects(fixture.client().send(get), denied);
  });

  it('that refuse everybody are read, replaced and deleted by an admin all the same, and by nobody else', async () => {
    verifies('authz:policy-rescue');
    await using fixture = await accessFixture();
    const id = await readyRuntime(fixture.control);
    const resourceArn = arnOf(id);
    const policy = policyOf(resourceArn, { Effect: 'Deny', Action: '*' });
    await fixture.client().send(new PutResourcePolicyCommand({ resourceArn, policy }));
    const deployer = fixture.client(await fixture.accessKeys.create('deployer', 'ci'));

    await assert.rejects(fixture.client().send(new GetAgentRuntimeCommand({ agentRuntimeId: id })), denied);
    await assert.rejects(deployer.send(new GetResourcePolicyCommand({ resourceArn })), denied);
    await fixture.client().send(new GetResourcePolicyCommand({ resourceArn }));
    await fixture.client().send(new PutResourcePolicyCommand({ resourceArn, policy }));
    await fixture.client().send(new DeleteResourcePolicyCommand({ resourceArn }));
    await fixture.client().send(new GetAgentRuntimeCommand({ agentRuntimeId: id }));
  });

  it('that this version cannot read mean nobody, until they are replaced', async () => {
    verifies('authz:policy-understood');
    await using fixture = await accessFixture();
    const id = await readyRuntime(fixture.control);
    const row = { arn: arnOf(id), policy: '{"Version":"2030-01-01"}', updated_at: 1 };
    await fixture.database.insertInto('resource_policies').values(row).execute();
    fixture.control.facts.forget(id as Parameters<typeof fixture.control.facts.forget>[0]);

    await assert.rejects(fixture.client().send(new GetAgentRuntimeCommand({ agentRuntimeId: id })), denied);
    await fixture.client().send(new DeleteResourcePolicyCommand({ resourceArn: arnOf(id) }));
    await fixture.client().send(new GetAgentRuntimeCommand({ agentRuntimeId: id }));
  });

  it('go with their runtime or endpoint: one that is made anew has none', async () => {
    verifies('authz:policy-at-once');
    await using fixture = await accessFixture();
    const id = await readyRuntime(fixture.control);
    const [resourceArn, endpointName] = [arnOf(id, 'prod'), 'prod'];
    const client = fixture.client();
    const create = new CreateAgentRuntimeEndpointCommand({ agentRuntimeId: id, name: endpointName });
    await client.send(create);
    const policy = policyOf(resourceArn, {
      Effect: 'Deny',
      Action: 'bedrock-agentcore:GetAgentRuntimeEndpoint',
    });
    await client.send(new PutResourcePolicyCommand({ resourceArn, policy }));
    const get = new GetAgentRuntimeEndpointCommand({ agentRuntimeId: id, endpointName });
    await assert.rejects(client.send(get), denied);
    await client.send(new DeleteAgentRuntimeEndpointCommand({ agentRuntimeId: id, endpointName }));
    await client.send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId: id, name: endpointName }));
    await client.send(get);
    await client.send(new PutResourcePolicyCommand({ resourceArn, policy }));
    await client.send(new DeleteAgentRuntimeCommand({ agentRuntimeId: id }));
    await fixture.control.settle();
    assert.deepEqual(await fixture.database.selectFrom('resource_policies').selectAll().execute(), []);
  });
});
