import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import {
  caller,
  contextOf,
  type ControlFixture,
  controlFixture,
  failure,
} from './testing/control-fixture.ts';
import { oauthInput } from './testing/provider-inputs.ts';

test('a key is created, read, updated, listed and deleted', async () => {
  verifies('provider:operations', 'provider:arns');
  await using fixture = await controlFixture();
  const { operations, clock } = fixture;
  const created = await operations.CreateApiKeyCredentialProvider({ name: 'weather', apiKey: 'one' }, caller);
  const arn = 'arn:aws:acps:us-east-1:111122223333:token-vault/default/apikeycredentialprovider/weather';
  assert.equal(created.credentialProviderArn, arn);
  assert.match(
    created.apiKeySecretArn.secretArn,
    /^arn:aws:secretsmanager:us-east-1:111122223333:secret:bedrock-agentcore-identity!default\/apikey\/weather-[A-Za-z0-9]{6}$/,
  );
  await clock.advance(1_000);
  await operations.UpdateApiKeyCredentialProvider({ name: 'weather', apiKey: 'two' }, caller);
  const shown = await operations.GetApiKeyCredentialProvider({ name: 'weather' }, caller);
  assert.equal(shown.lastUpdatedTime.getTime() - shown.createdTime.getTime(), 1_000);
  assert.deepEqual(shown.apiKeySecretArn, created.apiKeySecretArn);
  assert.equal(shown.apiKeySecretSource, 'MANAGED');
  const { credentialProviders } = await operations.ListApiKeyCredentialProviders({}, caller);
  assert.deepEqual(
    credentialProviders.map(({ name, credentialProviderArn }) => [name, credentialProviderArn]),
    [['weather', arn]],
  );
  await operations.DeleteApiKeyCredentialProvider({ name: 'weather' }, caller);
  const { GetApiKeyCredentialProvider: get, DeleteApiKeyCredentialProvider: remove } = operations;
  for (const act of [get, remove])
    await assert.rejects(
      act({ name: 'weather' }, caller),
      failure('not-found', /no API key credential provider/),
    );
  await assert.rejects(
    operations.UpdateApiKeyCredentialProvider({ name: 'weather', apiKey: 'x' }, caller),
    failure('not-found'),
  );
});

test('names are unique within a kind, and a missing key is told', async () => {
  verifies('provider:conflicts');
  await using fixture = await controlFixture();
  const { CreateApiKeyCredentialProvider: create, UpdateApiKeyCredentialProvider: update } =
    fixture.operations;
  await create({ name: 'p', apiKey: 'k' }, caller);
  await fixture.operations.CreateOauth2CredentialProvider(oauthInput('p', 'GithubOauth2'), caller);
  await assert.rejects(create({ name: 'p', apiKey: 'k' }, caller), failure('conflict', /already exists/));
  for (const act of [create, update])
    await assert.rejects(act({ name: 'p', apiKey: '' }, caller), failure('validation', /Give apiKey/));
});

test('the quota counts API keys only, and lists come in pages of at most 100', async () => {
  verifies('provider:quotas', 'provider:pages');
  await using fixture = await controlFixture({ quotas: { apiKeyProviders: 101 } });
  const { operations } = fixture;
  await operations.CreateOauth2CredentialProvider(oauthInput('p', 'GithubOauth2'), caller);
  for (let index = 0; index < 101; index++)
    await operations.CreateApiKeyCredentialProvider({ name: `p-${index}`, apiKey: 'k' }, caller);
  await assert.rejects(
    operations.CreateApiKeyCredentialProvider({ name: 'one-more', apiKey: 'k' }, caller),
    failure('quota-exceeded', /limit of 101 API key credential providers/),
  );
  const first = await operations.ListApiKeyCredentialProviders({}, caller);
  const rest = await operations.ListApiKeyCredentialProviders({ nextToken: first.nextToken }, caller);
  assert.deepEqual([first.credentialProviders.length, rest.credentialProviders.length], [100, 1]);
  await assert.rejects(
    operations.ListOauth2CredentialProviders({ nextToken: first.nextToken }, caller),
    failure('validation', /does not belong to this list/),
  );
});

test('providers are tagged by either form of their ARN', async () => {
  verifies('provider:tags');
  await using fixture = await controlFixture();
  const { operations } = fixture;
  await operations.CreateApiKeyCredentialProvider({ name: 'p', apiKey: 'k', tags: { team: 'a' } }, caller);
  await operations.CreateOauth2CredentialProvider(
    { ...oauthInput('p', 'GithubOauth2'), tags: { team: 'b' } },
    caller,
  );
  const arns = (type: string) =>
    ['acps', 'bedrock-agentcore'].map(
      (service) =>
        `arn:aws:${service}:us-east-1:111122223333:token-vault/default/${type}credentialprovider/p`,
    );
  const tagsOf = async (resourceArn: string) =>
    (await operations.ListTagsForResource({ resourceArn }, caller)).tags;
  for (const arn of arns('apikey')) assert.deepEqual(await tagsOf(arn), { team: 'a' });
  for (const arn of arns('oauth2')) assert.deepEqual(await tagsOf(arn), { team: 'b' });
  const [acps = '', agentCore = ''] = arns('oauth2');
  await operations.TagResource({ resourceArn: agentCore, tags: { stage: 'test' } }, caller);
  assert.deepEqual(await tagsOf(acps), { team: 'b', stage: 'test' });
  await operations.UntagResource({ resourceArn: acps, tagKeys: ['team'] }, caller);
  assert.deepEqual(await tagsOf(agentCore), { stage: 'test' });
  await assert.rejects(
    operations.TagResource({ resourceArn: acps, tags: { 'aws:x': 'y' } }, caller),
    failure('validation'),
  );
  for (const wrong of [
    acps.replace('/p', '/q'),
    acps.replace('default', 'other'),
    acps.replace('us-', 'eu-'),
  ])
    await assert.rejects(tagsOf(wrong), failure('not-found'));
  await operations.DeleteOauth2CredentialProvider({ name: 'p' }, caller);
  await assert.rejects(tagsOf(acps), failure('not-found'));
  await operations.CreateOauth2CredentialProvider(oauthInput('p', 'GithubOauth2'), caller);
  assert.deepEqual(await tagsOf(acps), {});
});

test('GetResourceApiKey answers the key as it is now, within account and region', async () => {
  verifies('provider:api-key', 'provider:rotation');
  await using fixture = await controlFixture();
  const { operations } = fixture;
  await operations.CreateApiKeyCredentialProvider({ name: 'weather', apiKey: 'one' }, caller);
  assert.equal(await keyOf(fixture, 'weather'), 'one');
  await operations.UpdateApiKeyCredentialProvider({ name: 'weather', apiKey: 'two' }, caller);
  assert.equal(await keyOf(fixture, 'weather'), 'two');
  await assert.rejects(
    operations.GetResourceApiKey(
      { workloadIdentityToken: 'forged', resourceCredentialProviderName: 'weather' },
      caller,
    ),
    failure('access-denied'),
  );
  const elsewhere = contextOf('111122223333', 'eu-west-1');
  await assert.rejects(keyOf(fixture, 'weather', elsewhere), failure('not-found'));
  const workloadIdentityToken = await tokenOf(fixture);
  await assert.rejects(
    operations.GetResourceApiKey(
      { workloadIdentityToken, resourceCredentialProviderName: 'weather' },
      elsewhere,
    ),
    failure('access-denied'),
  );
  await operations.CreateOauth2CredentialProvider(oauthInput('oauth', 'GithubOauth2'), caller);
  await assert.rejects(keyOf(fixture, 'oauth'), failure('not-found'));
  await operations.DeleteApiKeyCredentialProvider({ name: 'weather' }, caller);
  await assert.rejects(keyOf(fixture, 'weather'), failure('not-found'));
});

test('an external key is checked when it is set, read when it is used, and may become a managed one', async () => {
  verifies('provider:external', 'provider:errors');
  const secretsFolder = await mkdtemp(join(tmpdir(), 'berth-secrets-'));
  const write = (content: object) =>
    writeFile(join(secretsFolder, 'weather.json'), JSON.stringify(content), { mode: 0o600 });
  await using fixture = await controlFixture({ secretsFolder });
  const { operations } = fixture;
  const input = (secretId: string, jsonKey = 'key') =>
    ({ name: 'weather', apiKeySecretSource: 'EXTERNAL', apiKeySecretConfig: { secretId, jsonKey } }) as const;
  try {
    await assert.rejects(
      operations.CreateApiKeyCredentialProvider(input('weather'), caller),
      failure('not-found', /There is no file weather\.json/),
    );
    assert.deepEqual(fixture.identity.vault.owners, []);
    await write({ key: 'one' });
    const created = await operations.CreateApiKeyCredentialProvider(input('weather'), caller);
    assert.deepEqual(created.apiKeySecretArn, {
      secretArn: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:weather',
    });
    assert.equal(created.apiKeySecretJsonKey, 'key');
    assert.equal(created.apiKeySecretSource, 'EXTERNAL');
    assert.equal(await keyOf(fixture, 'weather'), 'one');
    await write({ key: 'two' });
    assert.equal(await keyOf(fixture, 'weather'), 'two');
    await chmod(join(secretsFolder, 'weather.json'), 0o644);
    await assert.rejects(
      keyOf(fixture, 'weather'),
      failure('validation', /of the credential provider weather/),
    );
    await chmod(join(secretsFolder, 'weather.json'), 0o600);
    const arn = 'arn:aws:secretsmanager:eu-west-1:444455556666:secret:weather-AbCdEf';
    const moved = await operations.UpdateApiKeyCredentialProvider(input(arn), caller);
    assert.equal(moved.apiKeySecretArn.secretArn, arn);
    await operations.UpdateApiKeyCredentialProvider({ name: 'weather', apiKey: 'sealed' }, caller);
    await rm(join(secretsFolder, 'weather.json'));
    assert.equal(await keyOf(fixture, 'weather'), 'sealed');
  } finally {
    await rm(secretsFolder, { recursive: true, force: true });
  }
});

/** A good token of a workload in the caller's account and region. */
function tokenOf(fixture: ControlFixture, { principal } = caller): Promise<string> {
  const { accountId, region } = principal;
  return fixture.identity.parts.workloadTokens.issue({
    ...{ accountId, region, workload: 'echo', user: undefined, session: undefined },
  });
}

async function keyOf(fixture: ControlFixture, name: string, context = caller): Promise<string> {
  const workloadIdentityToken = await tokenOf(fixture, context);
  const { apiKey } = await fixture.operations.GetResourceApiKey(
    { workloadIdentityToken, resourceCredentialProviderName: name },
    context,
  );
  return apiKey;
}
