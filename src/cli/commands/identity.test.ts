import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { type FakeContext, fakeContext } from '../testing/fake-context.ts';
import { type Answer, fakeServer } from '../testing/fake-server.ts';

const secret = 'the-secret-7Q2fK9';
const arn = 'arn:aws:acps:us-east-1:000000000000:token-vault/default/oauth2credentialprovider/p';
const times = { createdTime: 1_700_000_000, lastUpdatedTime: 1_700_000_000 };
const made = { name: 'p', credentialProviderArn: arn, callbackUrl: 'https://berth.example/cb/1' };

describe('berth identity', () => {
  it('keeps and replaces API keys that are piped in', async () => {
    verifies('provider:cli', 'provider:cli-secret');
    for (const [command, operation] of [
      ['create', 'CreateApiKeyCredentialProvider'],
      ['update', 'UpdateApiKeyCredentialProvider'],
    ] as const) {
      await using run = await started({ [operation]: made }, `${secret}\n`);
      assert.equal(await run.user.run('identity', 'api-key', command, 'p'), 0, run.user.stderr());
      assert.deepEqual(run.sent(operation), { name: 'p', apiKeySecretSource: 'MANAGED', apiKey: secret });
      assert.doesNotMatch(run.user.stdout() + run.user.stderr(), new RegExp(secret));
    }
  });

  it('asks on a terminal without showing what is typed', async () => {
    verifies('provider:cli-secret');
    await using run = await started({ CreateApiKeyCredentialProvider: made });
    const asked: unknown[] = [];
    const { stdin } = run.user.context;
    Object.assign(stdin, {
      isTTY: true,
      ask: async (question: string, options: object) => {
        asked.push(question, options);
        return secret;
      },
    });
    assert.equal(await run.user.run('identity', 'api-key', 'create', 'p'), 0, run.user.stderr());
    assert.deepEqual(asked, ['API key: ', { isSecret: true }]);
  });

  it('names secrets that the user keeps, and takes no secret as an argument', async () => {
    verifies('provider:cli', 'provider:cli-secret');
    await using run = await started({ CreateApiKeyCredentialProvider: made });
    const create = ['identity', 'api-key', 'create', 'p'];
    assert.equal(await run.user.run(...create, '--secret-id', 'weather', '--json-key', 'key'), 0);
    assert.deepEqual(run.sent('CreateApiKeyCredentialProvider'), {
      name: 'p',
      apiKeySecretSource: 'EXTERNAL',
      apiKeySecretConfig: { secretId: 'weather', jsonKey: 'key' },
    });
    assert.equal(await run.user.run(...create, '--secret-id', 'weather'), 2);
    assert.equal(await run.user.run(...create, secret), 2);
    assert.equal(await run.user.run(...create, '--api-key', secret), 2);
    assert.equal(await run.user.run(...create), 2, 'nothing was piped in');
  });

  it('lists and deletes providers of both kinds', async () => {
    verifies('provider:cli');
    const provider = { ...made, ...times, credentialProviderVendor: 'GithubOauth2' };
    let calls = 0;
    await using run = await started({
      ListApiKeyCredentialProviders: { credentialProviders: [provider] },
      ListOauth2CredentialProviders: (_request, response) => {
        const page = { credentialProviders: [provider], ...(calls++ === 0 && { nextToken: 'more' }) };
        response.end(JSON.stringify(page));
      },
      DeleteApiKeyCredentialProvider: {},
      DeleteOauth2CredentialProvider: {},
    });
    assert.equal(await run.user.run('identity', 'api-key', 'list'), 0);
    assert.match(run.user.stdout(), /NAME +AGE +CHANGED\np /);
    assert.equal(await run.user.run('identity', 'oauth2', 'list'), 0);
    assert.match(run.user.stdout(), /p +GithubOauth2 .*\np +GithubOauth2 /);
    assert.deepEqual(run.sent('ListOauth2CredentialProviders'), { maxResults: 20, nextToken: 'more' });
    for (const kind of ['api-key', 'oauth2'])
      assert.equal(await run.user.run('identity', kind, 'delete', 'p', '--json'), 0);
    assert.deepEqual(run.sent('DeleteOauth2CredentialProvider'), { name: 'p' });
    assert.match(run.user.stdout(), /"deleted": ?"p"/);
  });

  it('makes OAuth2 clients of every kind of vendor, and says where users come back to', async () => {
    verifies('provider:cli');
    const base = { clientId: 'c', clientSecretSource: 'MANAGED', clientSecret: secret };
    const metadata = {
      issuer: 'https://i.example',
      authorizationEndpoint: 'https://i.example/a',
      tokenEndpoint: 'https://i.example/t',
    };
    const discoveryUrl = 'https://i.example/.well-known/openid-configuration';
    const places = ['--issuer', metadata.issuer, '--authorization-endpoint', metadata.authorizationEndpoint];
    const endpoints = [...places, '--token-endpoint', metadata.tokenEndpoint];
    const cases: readonly (readonly [readonly string[], string, object])[] = [
      [['github'], 'GithubOauth2', { githubOauth2ProviderConfig: base }],
      [['GitHubOauth2'], 'GithubOauth2', { githubOauth2ProviderConfig: base }],
      [['X'], 'XOauth2', { includedOauth2ProviderConfig: base }],
      [['okta', ...endpoints], 'OktaOauth2', { includedOauth2ProviderConfig: { ...base, ...metadata } }],
      [
        ['microsoft', '--tenant', 't'],
        'MicrosoftOauth2',
        { microsoftOauth2ProviderConfig: { ...base, tenantId: 't' } },
      ],
      [
        [
          'custom',
          '--discovery-url',
          discoveryUrl,
          '--auth-method',
          'post',
          '--on-behalf-of',
          'token-exchange',
          '--actor-token',
          'm2m',
        ],
        'CustomOauth2',
        {
          customOauth2ProviderConfig: {
            ...base,
            oauthDiscovery: { discoveryUrl },
            clientAuthenticationMethod: 'CLIENT_SECRET_POST',
            onBehalfOfTokenExchangeConfig: {
              grantType: 'TOKEN_EXCHANGE',
              tokenExchangeGrantTypeConfig: { actorTokenContent: 'M2M' },
            },
          },
        },
      ],
      [
        ['custom', ...endpoints, '--on-behalf-of', 'jwt-bearer'],
        'CustomOauth2',
        {
          customOauth2ProviderConfig: {
            ...base,
            oauthDiscovery: { authorizationServerMetadata: metadata },
            onBehalfOfTokenExchangeConfig: { grantType: 'JWT_AUTHORIZATION_GRANT' },
          },
        },
      ],
      [
        [
          'custom',
          '--discovery-url',
          discoveryUrl,
          '--auth-method',
          'private-key-jwt',
          '--signing-key',
          'arn:key',
          '--signing-algorithm',
          'ES256',
        ],
        'CustomOauth2',
        {
          customOauth2ProviderConfig: {
            clientId: 'c',
            oauthDiscovery: { discoveryUrl },
            clientAuthenticationMethod: 'PRIVATE_KEY_JWT',
            privateKeyJwtConfig: {
              privateKeySource: { kmsKeySource: { kmsKeyArn: 'arn:key' } },
              signingAlgorithm: 'ES256',
            },
          },
        },
      ],
    ];
    for (const [vendor, credentialProviderVendor, oauth2ProviderConfigInput] of cases) {
      await using run = await started({ CreateOauth2CredentialProvider: made }, secret);
      const args = ['identity', 'oauth2', 'create', 'p', '--client-id', 'c', '--vendor', ...vendor];
      assert.equal(await run.user.run(...args), 0, run.user.stderr());
      assert.deepEqual(run.sent('CreateOauth2CredentialProvider'), {
        name: 'p',
        credentialProviderVendor,
        oauth2ProviderConfigInput,
      });
      assert.match(run.user.stdout(), /https:\/\/berth\.example\/cb\/1/);
      assert.doesNotMatch(run.user.stdout() + run.user.stderr(), new RegExp(secret));
    }
  });

  it('refuses options that have no meaning for the vendor before it asks for the secret', async () => {
    verifies('provider:cli');
    await using run = await started({});
    const create = ['identity', 'oauth2', 'create', 'p', '--client-id', 'c', '--vendor'];
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [['nobody'], /'nobody' is no vendor.*\n.*Choose one of .*github/],
      [['github', '--issuer', 'https://x.example'], /--issuer has no meaning/],
      [['okta', '--discovery-url', 'https://x.example'], /--discovery-url has no meaning/],
      [['google', '--tenant', 't'], /--tenant has no meaning/],
      [['custom'], /needs the address of its authorization server/],
      [['custom', '--discovery-url', 'u', '--auth-method', 'private-key-jwt'], /needs --signing-key/],
      [['custom', '--discovery-url', 'u', '--signing-key', 'k'], /only with --auth-method private-key-jwt/],
      [['custom', '--discovery-url', 'u', '--actor-token', 'm2m'], /belongs to --on-behalf-of/],
    ];
    for (const [args, message] of wrong) {
      assert.equal(await run.user.run(...create, ...args), 2, args.join(' '));
      assert.match(run.user.stderr(), message);
    }
    assert.deepEqual(run.server.seen, []);
  });

  it('updates what is given and carries the rest over', async () => {
    verifies('provider:cli');
    const discoveryUrl = 'https://i.example/.well-known/openid-configuration';
    const kept = { privateKeySource: { kmsKeySource: { kmsKeyArn: 'arn:key' } } };
    const clientSecret = { clientSecretSource: 'MANAGED', clientSecret: secret };
    const custom = {
      clientId: 'c',
      oauthDiscovery: { discoveryUrl },
      clientAuthenticationMethod: 'CLIENT_SECRET_POST',
    };
    const byKey = { ...custom, clientAuthenticationMethod: 'PRIVATE_KEY_JWT', privateKeyJwtConfig: kept };
    const tenantUrl = 'https://login.microsoftonline.com/t/v2.0/.well-known/openid-configuration';
    const cases: readonly (readonly [string, string, object, readonly string[], object])[] = [
      ['CustomOauth2', 'customOauth2ProviderConfig', custom, [], { ...custom, ...clientSecret }],
      ['CustomOauth2', 'customOauth2ProviderConfig', byKey, [], byKey],
      [
        'CustomOauth2',
        'customOauth2ProviderConfig',
        byKey,
        ['--auth-method', 'basic'],
        { ...custom, ...clientSecret, clientAuthenticationMethod: 'CLIENT_SECRET_BASIC' },
      ],
      [
        'OktaOauth2',
        'includedOauth2ProviderConfig',
        { clientId: 'c', oauthDiscovery: { discoveryUrl } },
        ['--keep-secret', '--client-id', 'd'],
        { clientId: 'd', issuer: 'https://i.example' },
      ],
      [
        'MicrosoftOauth2',
        'microsoftOauth2ProviderConfig',
        { clientId: 'c', oauthDiscovery: { discoveryUrl: tenantUrl } },
        [],
        { clientId: 'c', tenantId: 't', ...clientSecret },
      ],
    ];
    for (const [credentialProviderVendor, member, known, args, expected] of cases) {
      await using run = await started(
        {
          GetOauth2CredentialProvider: {
            ...{ ...made, ...times, credentialProviderVendor },
            oauth2ProviderConfigOutput: { [member]: known },
          },
          UpdateOauth2CredentialProvider: made,
        },
        secret,
      );
      assert.equal(await run.user.run('identity', 'oauth2', 'update', 'p', ...args), 0, run.user.stderr());
      assert.deepEqual(run.sent('UpdateOauth2CredentialProvider'), {
        name: 'p',
        credentialProviderVendor,
        oauth2ProviderConfigInput: { [member]: expected },
      });
    }
    await using run = await started({});
    const both = ['--keep-secret', '--secret-id', 'a', '--json-key', 'b'];
    assert.equal(await run.user.run('identity', 'oauth2', 'update', 'p', ...both), 2);
  });
});

/** A user whose server answers these operations. */
async function started(answers: Readonly<Record<string, Answer>>, stdin = '') {
  const server = await fakeServer(
    Object.fromEntries(Object.entries(answers).map(([name, answer]) => [`POST /identities/${name}`, answer])),
  );
  const user: FakeContext = await fakeContext({ env: server.env, stdin });
  return {
    server,
    user,
    /** The body of the last call of an operation. */
    sent: (operation: string): unknown => {
      const calls = server.seen.filter(({ url }) => url === `/identities/${operation}`);
      return JSON.parse(calls.at(-1)?.body ?? 'null');
    },
    async [Symbol.asyncDispose]() {
      await user[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
