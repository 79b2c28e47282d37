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

  await operations.GetWorkloadAccessToken(workload, caller);
  const forAnn = { ...workload, userId: 'ann\n' };
  const { workloadAccessToken } = await operations.GetWorkloadAccessTokenForUserId(forAnn, caller);
  const wish = { workloadIdentityToken: workloadAccessToken, resourceCredentialProviderName: 'weather' };
  await operations.GetResourceApiKey(wish, caller);

  assert.deepEqual(
    audit.lines.map((line) => line.replace(/^(read) \S+ (\S+) \S+\/(\S+ .*)$/, '$1 $2 $3')),
    [
      'read bedrock-agentcore:GetWorkloadAccessToken worker (handed out to workload worker)',
      'read bedrock-agentcore:GetWorkloadAccessTokenForUserId worker (handed out to workload worker for user "ann\\n")',
      'read bedrock-agentcore:GetResourceApiKey weather (handed out to workload worker for user "ann\\n")',
    ],
  );
  assert.doesNotMatch(audit.lines.join('\n'), /sk-secret/);
  assert.ok(!audit.lines.join('\n').includes(workloadAccessToken));
  audit.failure = new BerthError('unavailable', 'The disk is full.');
  await assert.rejects(operations.GetResourceApiKey(wish, caller), /disk is full/);
});

test('whom an operation of credentials refuses is in the audit log, by the token’s fault, without the token', async () => {
  verifies('authz:audit-doors');
  await using fixture = await controlFixture();
  const { operations, audit } = fixture;
  const wish = { workloadIdentityToken: 'forged.token.here', resourceCredentialProviderName: 'weather' };
  const denied = { code: 'access-denied' };
  await assert.rejects(operations.GetResourceApiKey(wish, caller), denied);
  const consent = {
    sessionUri: 'urn:ietf:params:oauth:request_uri:nobody',
    userIdentifier: { userId: 'eve' },
  };
  await assert.rejects(operations.CompleteResourceTokenAuth(consent, caller), denied);
  const [token, user] = audit.lines;
  assert.match(
    token ?? '',
    /^deny \S+ bedrock-agentcore:GetResourceApiKey arn:\S+\/weather \(The workload access token is not one of/,
  );
  assert.match(user ?? '', /^deny \S+ bedrock-agentcore:CompleteResourceTokenAuth \* \(/);
  assert.doesNotMatch(audit.lines.join(), /forged|request_uri:nobody/);
});
