import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { providerArn } from '../../runtimes/arns.ts';
import { caller, controlFixture } from './testing/control-fixture.ts';

test('an agent gets nothing of a provider that is kept to others, from the moment that it is', async () => {
  verifies('provider:workloads');
  await using fixture = await controlFixture();
  const { operations } = fixture;
  await operations.CreateWorkloadIdentity({ name: 'worker' }, caller);
  const tags = { 'berth:workloads': 'other' };
  await operations.CreateApiKeyCredentialProvider({ name: 'kept', apiKey: 'sk-secret', tags }, caller);
  const { workloadAccessToken } = await operations.GetWorkloadAccessToken({ workloadName: 'worker' }, caller);
  const wish = { workloadIdentityToken: workloadAccessToken, resourceCredentialProviderName: 'kept' };
  const denied = { code: 'access-denied', message: /worker may not use the credential provider kept/ };
  await assert.rejects(operations.GetResourceApiKey(wish, caller), denied);

  const resourceArn = providerArn(caller.principal, 'api-key', 'kept');
  await operations.TagResource({ resourceArn, tags: { 'berth:workloads': 'other worker' } }, caller);
  assert.deepEqual(await operations.GetResourceApiKey(wish, caller), { apiKey: 'sk-secret' });
  await operations.TagResource({ resourceArn, tags }, caller);
  await assert.rejects(operations.GetResourceApiKey(wish, caller), denied);
  await operations.UntagResource({ resourceArn, tagKeys: ['berth:workloads'] }, caller);
  assert.deepEqual(await operations.GetResourceApiKey(wish, caller), { apiKey: 'sk-secret' });
  for (const wrong of [{ 'berth:workloads': 'team_*' }, { 'berth:isolation': 'gvisor' }, { 'aws:x': 'y' }])
    await assert.rejects(operations.TagResource({ resourceArn, tags: wrong }, caller), {
      code: 'validation',
    });
});
