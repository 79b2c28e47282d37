import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { type IdentityFixture, identityFixture, oauthProvider } from './testing/identity-fixture.ts';

const longest = { workload: 255, provider: 128, key: 65_536 };

/** Requires a ValidationException about the member. */
async function refuses(
  { call }: Pick<IdentityFixture, 'call'>,
  operation: string,
  input: object,
  member: RegExp,
): Promise<void> {
  const what = `${operation} ${JSON.stringify(input).slice(0, 100)}`;
  await assert.rejects(call(operation, input), (error) => {
    assert.ok(error instanceof Error && 'fieldList' in error, `${what}: ${String(error)}`);
    assert.equal(error.name, 'ValidationException', what);
    assert.match(JSON.stringify(error.fieldList), member, what);
    return true;
  });
}

describe('bad input to Identity', () => {
  it('is refused in names, up to the longest that are good', async (context) => {
    verifies('identity:bad-input');
    const fixture = await identityFixture(context);
    const { call } = fixture;
    for (const name of [
      'ab',
      'x'.repeat(longest.workload + 1),
      'a b',
      'a/b',
      'a\n',
      'wörker',
      'worker\u0000',
    ])
      await refuses(fixture, 'CreateWorkloadIdentity', { name }, /"name":"name"/);
    for (const name of ['', 'x'.repeat(longest.provider + 1), 'a.b', 'a b', 'a\n', 'ä']) {
      await refuses(fixture, 'CreateApiKeyCredentialProvider', { name, apiKey: 'k' }, /"name":"name"/);
      await refuses(fixture, 'CreateOauth2CredentialProvider', oauthProvider(name), /"name":"name"/);
    }
    for (const name of ['abc', '.._', '__proto__', 'constructor', 'x'.repeat(longest.workload)]) {
      await call('CreateWorkloadIdentity', { name });
      const shown = await call('GetWorkloadIdentity', { name });
      assert.ok('name' in shown && shown.name === name);
    }
    for (const name of ['a', '__proto__', '-_9', 'x'.repeat(longest.provider)]) {
      await call('CreateApiKeyCredentialProvider', { name, apiKey: 'k' });
      await call('DeleteApiKeyCredentialProvider', { name });
    }
  });

  it('is refused in secrets, which are kept to the last character', async (context) => {
    verifies('identity:bad-input', 'provider:sealed');
    const fixture = await identityFixture(context);
    const { call, workloadIdentityToken } = fixture;
    const name = 'long';
    for (const apiKey of ['', 'x'.repeat(longest.key + 1), 'half of a pair \ud800'])
      await refuses(fixture, 'CreateApiKeyCredentialProvider', { name, apiKey }, /"name":"apiKey"/);
    const apiKey = '😀'.repeat(longest.key);
    await call('CreateApiKeyCredentialProvider', { name, apiKey });
    const resourceCredentialProviderName = name;
    const got = await call('GetResourceApiKey', { workloadIdentityToken, resourceCredentialProviderName });
    assert.ok('apiKey' in got && got.apiKey === apiKey);
    const secret = oauthProvider('long', { clientSecret: 'x'.repeat(2_049) });
    await refuses(fixture, 'CreateOauth2CredentialProvider', secret, /clientSecret/);
  });

  it('is refused in return URLs, when they are set', async (context) => {
    verifies('identity:bad-input');
    const fixture = await identityFixture(context);
    for (const url of ['nowhere', 'https://a b', 'javascript:alert(1)', 'data:text/html,x', 'http://:1', ''])
      for (const operation of ['CreateWorkloadIdentity', 'UpdateWorkloadIdentity']) {
        const input = { name: operation, allowedResourceOauth2ReturnUrls: ['https://a.example', url] };
        await refuses(fixture, operation, input, /allowedResourceOauth2ReturnUrls\[1\]/);
      }
    const urls = ['https://a.example/back?tab=1', 'http://localhost:3000/back', 'myapp:/back'];
    const input = { name: 'worker', allowedResourceOauth2ReturnUrls: urls };
    const updated = await fixture.call('UpdateWorkloadIdentity', input);
    assert.ok('allowedResourceOauth2ReturnUrls' in updated);
    assert.deepEqual(updated.allowedResourceOauth2ReturnUrls, urls);
  });

  it('is refused in tags, of new and of known resources', async (context) => {
    verifies('identity:bad-input', 'control:tags', 'provider:tags');
    const fixture = await identityFixture(context);
    const tooMany = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, 'v']));
    const bad = [
      ...[tooMany, { 'aws:x': '1' }, { 'AWS:x': '1' }, { '': 'x' }, { ['k'.repeat(129)]: 'x' }],
      ...[{ k: 'v'.repeat(257) }, { 'k<': 'x' }, { k: '<' }, { 'berth:pool-min': '1' }],
    ];
    const arns = Object.values(arnsOf('arn:aws:acps'));
    for (const tags of bad) {
      const created = { ...oauthProvider('tagged'), tags };
      await refuses(fixture, 'CreateWorkloadIdentity', { name: 'tagged', tags }, /"name":"tags/);
      await refuses(fixture, 'CreateApiKeyCredentialProvider', { name: 't', apiKey: 'k', tags }, /"tags/);
      await refuses(fixture, 'CreateOauth2CredentialProvider', created, /"name":"tags/);
      for (const resourceArn of arns)
        await refuses(fixture, 'TagResource', { resourceArn, tags }, /"name":"tags/);
    }
  });

  it('is no other tag where an ARN is written in another way', async (context) => {
    verifies('control:tags', 'provider:tags');
    const { call } = await identityFixture(context);
    const ways = ['arn:aws:acps', 'arn:aws:bedrock-agentcore', 'arn:aws-cn:acps'].map(arnsOf);
    for (const kind of ['worker', 'weather', 'docs'] as const)
      for (const [index, { [kind]: resourceArn }] of ways.entries()) {
        await call('TagResource', { resourceArn, tags: { [`k${index}`]: 'v' } });
        for (const { [kind]: other } of ways) {
          const { tags } = Object(await call('ListTagsForResource', { resourceArn: other }));
          assert.equal(Object.keys(Object(tags)).length, index + 1, `${other} ${JSON.stringify(tags)}`);
        }
      }
  });

  it('is refused in sizes of pages and in page tokens of another list, or changed ones', async (context) => {
    verifies('identity:bad-input', 'provider:pages');
    const fixture = await identityFixture(context);
    const { call } = fixture;
    await call('CreateWorkloadIdentity', { name: 'second' });
    await call('CreateApiKeyCredentialProvider', { name: 'second', apiKey: 'k' });
    await call('CreateOauth2CredentialProvider', oauthProvider('second'));
    const sizes = {
      ListWorkloadIdentities: 20,
      ListOauth2CredentialProviders: 20,
      ListApiKeyCredentialProviders: 100,
    };
    const tokens = new Map<string, string>();
    for (const [operation, most] of Object.entries(sizes)) {
      await call(operation, { maxResults: most });
      for (const maxResults of [-1, 0, 1.5, most + 1])
        await refuses(fixture, operation, { maxResults }, /"name":"maxResults"/);
      const { nextToken } = Object(await call(operation, { maxResults: 1 }));
      await call(operation, { nextToken });
      tokens.set(operation, String(nextToken));
    }
    for (const operation of tokens.keys()) {
      const foreign = [...tokens].filter(([list]) => list !== operation).map(([, token]) => token);
      const own = tokens.get(operation) ?? '';
      const forged = ['[{"a":1}]', '[]', '{}', 'null', '"x"', '[null]', '[["x"]]', 'no JSON'].map((key) =>
        forgedToken(operation, key),
      );
      for (const nextToken of ['', 'x', `${own}A`, own.slice(0, -2), ...foreign, ...forged])
        await refuses(fixture, operation, { nextToken }, /"name":"nextToken"/);
    }
    assert.deepEqual(fixture.unexpected, []);
  });
});

/** Ways to write the ARN of the provider and of the others that the fixture has. */
function arnsOf(prefix: string) {
  const place = 'us-east-1:111122223333';
  const vault = `${prefix}:${place}:token-vault/default`;
  // Of this kind all are of AgentCore's own service.
  const agentCore = prefix.replace('acps', 'bedrock-agentcore');
  return {
    worker: `${agentCore}:${place}:workload-identity-directory/default/workload-identity/worker`,
    weather: `${vault}/apikeycredentialprovider/weather`,
    docs: `${vault}/oauth2credentialprovider/docs`,
  };
}

/** By somebody who read how tokens are made, which needs no secret. */
function forgedToken(operation: string, key: string): string {
  const list = [operation, '111122223333', 'us-east-1'];
  const checksum = createHash('sha256')
    .update(JSON.stringify([list, key]))
    .digest('hex');
  return Buffer.from(`${checksum.slice(0, 16)}${key}`).toString('base64url');
}
