import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import {
  caller,
  contextOf,
  controlFixture,
  failure,
  readyRuntime,
  settingsOf,
} from './testing/control-fixture.ts';

test('runtimes, endpoints and identities are tagged, retagged, untagged and listed', async () => {
  verifies('control:tags', 'control:every-operation');
  await using fixture = await controlFixture();
  const { operations } = fixture;
  const tags = { team: 'red', stage: 'dev' };
  const runtime = await operations.CreateAgentRuntime(
    { agentRuntimeName: 'echo', ...settingsOf('echo:v1'), tags },
    caller,
  );
  const { agentRuntimeId } = runtime;
  const endpoint = await operations.CreateAgentRuntimeEndpoint(
    { agentRuntimeId, name: 'prod', tags },
    caller,
  );
  const identity = await operations.CreateWorkloadIdentity({ name: 'worker', tags }, caller);
  const arns = [runtime.agentRuntimeArn, endpoint.agentRuntimeEndpointArn, identity.workloadIdentityArn];
  for (const resourceArn of arns) {
    await operations.TagResource({ resourceArn, tags: { stage: 'prod', cost: '7' } }, caller);
    await operations.UntagResource({ resourceArn, tagKeys: ['team', 'unknown'] }, caller);
    const listed = await operations.ListTagsForResource({ resourceArn }, caller);
    assert.deepEqual(listed, { tags: { cost: '7', stage: 'prod' } });
  }
});

test('tags go with their resource and do not come back with its name', async () => {
  verifies('control:tags');
  await using fixture = await controlFixture();
  const { operations } = fixture;
  const request = { name: 'worker', tags: { a: 'b' } };
  await operations.CreateWorkloadIdentity(request, caller);
  await operations.DeleteWorkloadIdentity({ name: 'worker' }, caller);
  const { workloadIdentityArn } = await operations.CreateWorkloadIdentity({ name: 'worker' }, caller);
  const listed = await operations.ListTagsForResource({ resourceArn: workloadIdentityArn }, caller);
  assert.deepEqual(listed, { tags: {} });
});

test('what is not there, or of another account, cannot be tagged', async () => {
  verifies('control:tags', 'control:scope');
  await using fixture = await controlFixture();
  const { operations } = fixture;
  const id = await readyRuntime(fixture);
  const prefix = 'arn:aws:bedrock-agentcore:us-east-1:111122223333';
  const unknown = [
    `${prefix}:runtime/nope-0123456789`,
    `${prefix}:runtime/${id}/runtime-endpoint/nope`,
    `${prefix}:gateway/g-0123456789`,
    `${prefix}:workload-identity-directory/default/workload-identity/nope`,
    `arn:aws:bedrock-agentcore:eu-west-1:111122223333:runtime/${id}`,
  ];
  for (const resourceArn of unknown) {
    await assert.rejects(
      operations.TagResource({ resourceArn, tags: { a: 'b' } }, caller),
      failure('not-found', /no taggable resource/),
    );
  }
  await assert.rejects(
    operations.ListTagsForResource(
      { resourceArn: `${prefix}:runtime/${id}` },
      contextOf('999999999999', 'us-east-1'),
    ),
    failure('not-found'),
  );
  await assert.rejects(
    operations.ListTagsForResource({ resourceArn: 'arn:aws:s3:::my-bucket-of-things' }, caller),
    failure('validation', /is expected/),
  );
});

test('a fifty-first tag, and keys that begin with aws:, are refused', async () => {
  verifies('control:tags');
  await using fixture = await controlFixture();
  const { operations } = fixture;
  const id = await readyRuntime(fixture);
  const resourceArn = `arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/${id}`;
  const fifty = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`key${index}`, '']));
  await operations.TagResource({ resourceArn, tags: fifty }, caller);
  await operations.TagResource({ resourceArn, tags: { key0: 'new value' } }, caller);
  await assert.rejects(
    operations.TagResource({ resourceArn, tags: { another: '' } }, caller),
    failure('quota-exceeded', /more than 50 tags/),
  );
  await assert.rejects(
    operations.TagResource({ resourceArn, tags: { 'aws:name': '' } }, caller),
    failure('validation', /reserved/),
  );
  await assert.rejects(
    operations.CreateAgentRuntime(
      { agentRuntimeName: 'two', ...settingsOf('echo:v1'), tags: { 'AWS:x': '' } },
      caller,
    ),
    failure('validation', /reserved/),
  );
});
