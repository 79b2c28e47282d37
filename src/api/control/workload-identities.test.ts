import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { caller, contextOf, controlFixture, failure, readyRuntime } from './testing/control-fixture.ts';

const url = 'https://app.example/back';

test('an identity is created, read, updated, listed and deleted', async () => {
  verifies('control:every-operation');
  await using fixture = await controlFixture();
  const { operations, clock } = fixture;
  const created = await operations.CreateWorkloadIdentity({ name: 'worker' }, caller);
  const arn =
    'arn:aws:bedrock-agentcore:us-east-1:111122223333:workload-identity-directory/default/workload-identity/worker';
  assert.deepEqual(created, {
    name: 'worker',
    workloadIdentityArn: arn,
    allowedResourceOauth2ReturnUrls: [],
  });
  await clock.advance(1_000);
  await operations.UpdateWorkloadIdentity({ name: 'worker', allowedResourceOauth2ReturnUrls: [url] }, caller);
  const shown = await operations.GetWorkloadIdentity({ name: 'worker' }, caller);
  assert.deepEqual(shown.allowedResourceOauth2ReturnUrls, [url]);
  assert.equal(shown.lastUpdatedTime.getTime() - shown.createdTime.getTime(), 1_000);
  const unchanged = await operations.UpdateWorkloadIdentity({ name: 'worker' }, caller);
  assert.deepEqual(unchanged, shown);
  const { workloadIdentities } = await operations.ListWorkloadIdentities({}, caller);
  assert.deepEqual(workloadIdentities, [{ name: 'worker', workloadIdentityArn: arn }]);
  await operations.DeleteWorkloadIdentity({ name: 'worker' }, caller);
  await assert.rejects(operations.GetWorkloadIdentity({ name: 'worker' }, caller), failure('not-found'));
  await assert.rejects(operations.DeleteWorkloadIdentity({ name: 'worker' }, caller), failure('not-found'));
});

test('a taken name is refused as the service models it, and other regions do not matter', async () => {
  verifies('control:scope');
  await using fixture = await controlFixture();
  const { operations } = fixture;
  await operations.CreateWorkloadIdentity({ name: 'worker' }, caller);
  await assert.rejects(
    operations.CreateWorkloadIdentity({ name: 'worker' }, caller),
    failure('conflict', /exists already/),
  );
  const elsewhere = contextOf('111122223333', 'eu-west-1');
  await assert.rejects(operations.GetWorkloadIdentity({ name: 'worker' }, elsewhere), failure('not-found'));
  await operations.CreateWorkloadIdentity({ name: 'worker' }, elsewhere);
});

test('a runtime has an identity of its own, which cannot be deleted by hand but can be updated', async () => {
  verifies('control:own-identity');
  await using fixture = await controlFixture();
  const { operations } = fixture;
  const agentRuntimeId = await readyRuntime(fixture);
  const shown = await operations.GetAgentRuntime({ agentRuntimeId }, caller);
  const name = shown.workloadIdentityDetails?.workloadIdentityArn.split('/').at(-1) ?? '';
  assert.match(name, /^echo-[a-zA-Z0-9]{10}$/);
  assert.equal((await operations.GetWorkloadIdentity({ name }, caller)).name, name);
  await assert.rejects(
    operations.DeleteWorkloadIdentity({ name }, caller),
    failure('validation', /belongs to agent runtime/),
  );
  await operations.UpdateWorkloadIdentity({ name, allowedResourceOauth2ReturnUrls: [url] }, caller);
});

test('more identities than the quota are refused; those of runtimes do not count', async () => {
  verifies('control:count-quotas');
  await using fixture = await controlFixture({ quotas: { workloadIdentities: 1 } });
  const { operations } = fixture;
  await readyRuntime(fixture);
  await operations.CreateWorkloadIdentity({ name: 'one' }, caller);
  await assert.rejects(
    operations.CreateWorkloadIdentity({ name: 'two' }, caller),
    failure('quota-exceeded', /limit of 1 workload identities/),
  );
});

test('identities are listed by name, twenty at a time', async () => {
  verifies('control:stable-pages');
  await using fixture = await controlFixture();
  const { operations } = fixture;
  const names = Array.from({ length: 21 }, (_, index) => `worker-${String(index).padStart(2, '0')}`);
  for (const name of names) await operations.CreateWorkloadIdentity({ name }, caller);
  const first = await operations.ListWorkloadIdentities({}, caller);
  const second = await operations.ListWorkloadIdentities({ nextToken: first.nextToken }, caller);
  assert.equal(first.workloadIdentities.length, 20);
  const listed = [...first.workloadIdentities, ...second.workloadIdentities];
  assert.deepEqual(
    listed.map((identity) => identity.name),
    names,
  );
  assert.equal(second.nextToken, undefined);
});
