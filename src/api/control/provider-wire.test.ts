import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetResourceApiKeyCommand } from '@aws-sdk/client-bedrock-agentcore';
import {
  CreateApiKeyCredentialProviderCommand,
  CreateOauth2CredentialProviderCommand,
  type CreateOauth2CredentialProviderCommandInput,
  DeleteApiKeyCredentialProviderCommand,
  DeleteOauth2CredentialProviderCommand,
  GetApiKeyCredentialProviderCommand,
  GetOauth2CredentialProviderCommand,
  ListApiKeyCredentialProvidersCommand,
  ListOauth2CredentialProvidersCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UpdateApiKeyCredentialProviderCommand,
  UpdateOauth2CredentialProviderCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { verifies } from '../../../test/requirements.ts';
import { loadServiceOperations } from '../model/service-operation.ts';
import type { OperationRates } from '../operation-rates.ts';
import { caller, controlFixture, type FixtureOptions } from './testing/control-fixture.ts';
import { secretText } from './testing/provider-inputs.ts';
import { servedControlPlane } from './testing/served-control-plane.ts';

test('the AWS SDK gets every output member that the model requires', async () => {
  verifies('provider:operations', 'provider:tags', 'provider:api-key');
  await using served = await start();
  const control = served.control();
  const name = 'p';
  const oauth = await control.send(new CreateOauth2CredentialProviderCommand(oauthInput('p')));
  const apiKey = await control.send(new CreateApiKeyCredentialProviderCommand({ name, apiKey: secretText }));
  const answers = {
    CreateOauth2CredentialProvider: oauth,
    GetOauth2CredentialProvider: await control.send(new GetOauth2CredentialProviderCommand({ name })),
    UpdateOauth2CredentialProvider: await control.send(
      new UpdateOauth2CredentialProviderCommand(oauthInput('p')),
    ),
    ListOauth2CredentialProviders: await control.send(new ListOauth2CredentialProvidersCommand({})),
    CreateApiKeyCredentialProvider: apiKey,
    GetApiKeyCredentialProvider: await control.send(new GetApiKeyCredentialProviderCommand({ name })),
    UpdateApiKeyCredentialProvider: await control.send(
      new UpdateApiKeyCredentialProviderCommand({ name, apiKey: secretText }),
    ),
    ListApiKeyCredentialProviders: await control.send(new ListApiKeyCredentialProvidersCommand({})),
  };
  const model = new Map<string, ReturnType<typeof loadServiceOperations>[number]>(
    loadServiceOperations().map((operation) => [operation.name, operation]),
  );
  for (const [operation, answer] of Object.entries(answers)) {
    const required = model.get(operation)?.output.required ?? [];
    assert.ok(required.length > 0, operation);
    const given: Readonly<Record<string, unknown>> = { ...answer };
    for (const member of required) assert.notEqual(given[member], undefined, `${operation} ${member}`);
    assert.equal(answer.$metadata.httpStatusCode, operation.startsWith('Create') ? 201 : 200);
  }
  const { GetOauth2CredentialProvider: shown } = answers;
  assert.ok(Math.abs(Number(shown.createdTime)) > 0 && shown.createdTime instanceof Date);
  for (const resourceArn of [oauth.credentialProviderArn, apiKey.credentialProviderArn]) {
    await control.send(new TagResourceCommand({ resourceArn, tags: { team: 'a' } }));
    const { tags } = await control.send(new ListTagsForResourceCommand({ resourceArn }));
    assert.deepEqual(tags, { team: 'a' });
  }
  const workloadIdentityToken = await served.token();
  const got = await served
    .data()
    .send(new GetResourceApiKeyCommand({ workloadIdentityToken, resourceCredentialProviderName: name }));
  assert.equal(got.apiKey, secretText);
  for (const deleted of [
    await control.send(new DeleteOauth2CredentialProviderCommand({ name })),
    await control.send(new DeleteApiKeyCredentialProviderCommand({ name })),
  ])
    assert.equal(deleted.$metadata.httpStatusCode, 204);
  assert.doesNotMatch(JSON.stringify([served.answered, answers]), new RegExp(secretText));
  assert.deepEqual(served.unexpected, []);
});

test('errors of GetResourceApiKey hold neither token nor key', async () => {
  verifies('provider:errors', 'provider:sealed', 'provider:api-key');
  await using served = await start();
  await served.control().send(new CreateApiKeyCredentialProviderCommand({ name: 'p', apiKey: secretText }));
  const get = (workloadIdentityToken: string, resourceCredentialProviderName: string, key = 'admin') =>
    served
      .data(key)
      .send(new GetResourceApiKeyCommand({ workloadIdentityToken, resourceCredentialProviderName }));
  const token = await served.token();
  await assert.rejects(get(secretText, 'p'), refusal('AccessDeniedException', 403));
  await assert.rejects(get(token, 'p', 'invoke'), refusal('AccessDeniedException', 403));
  await assert.rejects(get(token, 'q'), refusal('ResourceNotFoundException', 404));
  await assert.rejects(get(token, 'not a name'), refusal('ValidationException', 400));
  await assert.rejects(get(secretText.repeat(10_000), 'p'), refusal('ValidationException', 400));
  served.fixture.identity.vault.open = () => Promise.reject(new Error('a bug'));
  await assert.rejects(get(token, 'p'), refusal('InternalServerException', 500));
});

test('a body in the wrong form is not repeated to its sender', async () => {
  verifies('provider:sealed');
  await using served = await start();
  const config = { clientId: 'c', clientSecret: secretText };
  const bodies: readonly (readonly [string, unknown])[] = [
    ['CreateOauth2CredentialProvider', { oauth2ProviderConfigInput: [config] }],
    ['CreateOauth2CredentialProvider', { oauth2ProviderConfigInput: secretText }],
    [
      'CreateOauth2CredentialProvider',
      { oauth2ProviderConfigInput: { githubOauth2ProviderConfig: [config] } },
    ],
    [
      'CreateOauth2CredentialProvider',
      {
        oauth2ProviderConfigInput: { githubOauth2ProviderConfig: config, googleOauth2ProviderConfig: config },
      },
    ],
    ['CreateOauth2CredentialProvider', { oauth2ProviderConfigInput: { unknownConfig: config } }],
    ['CreateApiKeyCredentialProvider', { name: 'p', apiKey: { value: secretText } }],
    ['CreateApiKeyCredentialProvider', [secretText]],
  ];
  for (const [operation, body] of bodies) {
    const full = Array.isArray(body)
      ? body
      : { name: 'p', credentialProviderVendor: 'GithubOauth2', ...Object(body) };
    const answer = await fetch(`${served.endpoint}/identities/${operation}`, {
      method: 'POST',
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=admin/x', 'content-type': 'application/json' },
      body: JSON.stringify(full),
    });
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.doesNotMatch(await answer.text(), new RegExp(secretText), JSON.stringify(body));
  }
});

async function start(options: FixtureOptions = {}, rates: Partial<OperationRates> = {}) {
  const fixture = await controlFixture(options);
  const served = await servedControlPlane(fixture.operations, { database: fixture.database, rates });
  const { accountId, region } = caller.principal;
  const claims = { accountId, region, workload: 'echo', user: undefined, session: undefined };
  return {
    ...served,
    fixture,
    token: () => fixture.identity.parts.workloadTokens.issue(claims),
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      await fixture[Symbol.asyncDispose]();
    },
  };
}

function oauthInput(
  name: string,
  more: { readonly clientSecret?: string | undefined } = { clientSecret: secretText },
): CreateOauth2CredentialProviderCommandInput {
  const githubOauth2ProviderConfig = { clientId: 'client', ...more };
  return {
    name,
    credentialProviderVendor: 'GithubOauth2',
    oauth2ProviderConfigInput: { githubOauth2ProviderConfig },
  };
}

/** For assert.rejects: the SDK's exception of this name and status, without the secret. */
function refusal(name: string, status: number) {
  return (error: unknown) => {
    assert.ok(error instanceof Error && '$metadata' in error, String(error));
    assert.equal(error.name, name, error.message);
    assert.equal(Object(error.$metadata).httpStatusCode, status);
    assert.doesNotMatch(error.message, new RegExp(secretText));
    return true;
  };
}
