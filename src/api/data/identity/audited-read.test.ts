import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../../test/requirements.ts';
import { BerthError } from '../../../shared/errors.ts';
import { caller, controlFixture } from '../../control/testing/control-fixture.ts';

const workload = { workloadName: 'worker' };

test('a credential is handed out once its read is in the audit log, and not without', async () => {
  verifies('authz:audit', 'authz:audit-durable');
  await using fixture = await controlFixture();
  const { operations, audit } = fixture;
  await operations.CreateWorkloadIdentity({ name: 'worker' }, caller);
  await operations.CreateApiKeyCredentialProvider({ name: 'weather', apiKey: 'sk-secret' }, caller);

  const { workloadAccessToken } = await operations.GetWorkloadAccessToken(workload, caller);
  const wish = { workloadIdentityToken: workloadAccessToken, resourceCredentialProviderName: 'weather' };
  await operations.GetResourceApiKey(wish, caller);

  assert.deepEqual(
    audit.lines.map((line) => line.replace(/^(read) \S+ (\S+) \S+\/(\S+) .*$/, '$1 $2 $3')),
    [
      'read bedrock-agentcore:GetWorkloadAccessToken worker',
      'read bedrock-agentcore:GetResourceApiKey weather',
    ],
  );
  assert.doesNotMatch(audit.lines.join('\n'), /sk-secret/);
  assert.ok(!audit.lines.join('\n').includes(workloadAccessToken));
  audit.failure = new BerthError('unavailable', 'The disk is full.');
  await assert.rejects(operations.GetResourceApiKey(wish, caller), /disk is full/);
});
