import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { RuntimeId } from '../../shared/ids.ts';
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

test("options of a runtime's sandboxes travel as its tags, are checked, and count at once", async () => {
  verifies('sandbox-options:tags', 'sandbox-options:checked', 'sandbox-options:at-once');
  await using fixture = await controlFixture({
    optionProblem: ({ isolation }) => (isolation === 'vm' ? "There is no isolation 'vm'." : undefined),
  });
  const { operations, targets } = fixture;
  const create = (tags: Record<string, string>) =>
    operations.CreateAgentRuntime({ agentRuntimeName: 'echo', ...settingsOf('echo:v1'), tags }, caller);
  await assert.rejects(
    create({ 'berth:memory': 'much' }),
    failure('validation', /berth:memory is 'much'; expected a size/),
  );
  await assert.rejects(
    create({ 'berth:speed': '9' }),
    failure('validation', /no option 'berth:speed'.*berth:memory/),
  );
  await assert.rejects(create({ 'berth:isolation': 'vm' }), failure('validation', /no isolation 'vm'/));
  const { agentRuntimeId, agentRuntimeArn: resourceArn } = await create({ 'berth:memory': '64MiB', a: 'b' });
  const options = () => targets.findOptions(agentRuntimeId as RuntimeId);
  assert.deepEqual(await options(), { memory: 64 * 1024 ** 2 });
  await operations.TagResource({ resourceArn, tags: { 'berth:pids': '99' } }, caller);
  assert.deepEqual(await options(), { memory: 64 * 1024 ** 2, pids: 99 });
  await assert.rejects(
    operations.TagResource({ resourceArn, tags: { 'Berth:pids': '99' } }, caller),
    failure('validation', /no option 'Berth:pids'/),
  );
  await operations.UntagResource({ resourceArn, tagKeys: ['berth:memory', 'berth:pids'] }, caller);
  assert.deepEqual(await options(), {});
  await assert.rejects(
    operations.CreateWorkloadIdentity({ name: 'worker', tags: { 'berth:pids': '99' } }, caller),
    failure('validation', /only runtimes can have it/),
  );
});

test('an option that another one needs stays until both are removed', async () => {
  verifies('sandbox-options:checked', 'hibernation:option');
  let hasGvisor = true;
  await using fixture = await controlFixture({
    optionProblem: ({ hibernate, isolation }) =>
      hibernate !== undefined && !(hasGvisor && isolation === 'gvisor')
        ? "berth:hibernate cannot be met: sandboxes of the isolation 'runc' cannot go to disk."
        : undefined,
  });
  const { operations, targets } = fixture;
  const tags = { 'berth:isolation': 'gvisor', 'berth:hibernate': '1h', 'berth:pids': '99', team: 'red' };
  const { agentRuntimeId, agentRuntimeArn: resourceArn } = await operations.CreateAgentRuntime(
    { agentRuntimeName: 'echo', ...settingsOf('echo:v1'), tags },
    caller,
  );
  const untag = (...tagKeys: string[]) => operations.UntagResource({ resourceArn, tagKeys }, caller);
  const options = async () => Object.keys(await targets.findOptions(agentRuntimeId as RuntimeId)).toSorted();

  await assert.rejects(
    untag('team', 'berth:isolation'),
    failure('validation', /berth:hibernate cannot be met.*remove the option that needs it in the same call/),
  );

  assert.deepEqual(await options(), ['hibernate', 'isolation', 'pids']);
  hasGvisor = false;
  await untag('berth:pids');
  assert.deepEqual(await options(), ['hibernate', 'isolation'], 'what could not be met before is no reason');
  hasGvisor = true;
  await untag('berth:isolation', 'berth:hibernate');
  assert.deepEqual(await options(), []);
  assert.deepEqual(await operations.ListTagsForResource({ resourceArn }, caller), { tags: { team: 'red' } });
});

test('whoever wants to know of changes hears of them until it wants no more', async () => {
  verifies('restart:failed-upgrade');
  await using fixture = await controlFixture();
  const heard: string[] = [];
  const { agentRuntimeId, agentRuntimeArn: resourceArn } = await fixture.operations.CreateAgentRuntime(
    { agentRuntimeName: 'echo', ...settingsOf('echo:v1') },
    caller,
  );
  await fixture.jobs.settled();
  const forget = fixture.store.onChange((runtimeId) => void heard.push(runtimeId));
  await fixture.operations.TagResource({ resourceArn, tags: { team: 'red' } }, caller);
  forget();
  await fixture.operations.TagResource({ resourceArn, tags: { team: 'blue' } }, caller);
  assert.deepEqual(heard, [agentRuntimeId]);
});
