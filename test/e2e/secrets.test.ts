import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { ScriptedBrowser } from '../../src/identity/testing/scripted-browser.ts';
import type { AccountId } from '../../src/shared/ids.ts';
import { containerdOf } from '../fixture/containerd-of.ts';
import { verifies } from '../requirements.ts';
import { controls, documentedPlaces } from '../secrets/expected-places.ts';
import { databaseValues, filesOf } from '../secrets/home-files.ts';
import { ProvokedErrors } from '../secrets/provoked-errors.ts';
import type { Answered } from '../secrets/recording-caller.ts';
import { RepeatingServer } from '../secrets/repeating-server.ts';
import { awkward, SecretRun, secretText } from '../secrets/secret-run.ts';
import { unsealedSecrets } from '../secrets/unsealed-secrets.ts';

const sessionHeader = 'x-amzn-bedrock-agentcore-runtime-session-id';
const userHeader = 'x-amzn-bedrock-agentcore-runtime-user-id';
const returnUrl = 'https://app.example/back';
describe('the secrets of a whole run', { timeout: 480_000 }, () => {
  let run: SecretRun;
  let signed: DeployedRuntime;
  let guarded: DeployedRuntime;
  let echo: DeployedRuntime;

  before(async () => {
    run = await SecretRun.start();
  });
  after(() => run?.[Symbol.asyncDispose]());

  it('are given to providers, by operation and by command', async () => {
    verifies('secrets:whole-run');
    const { caller, search, outside, repeating, apiKey, clientSecret } = run;
    const addKey = (name: string, more: object) =>
      run.identity('CreateApiKeyCredentialProvider', { name, ...more });
    await addKey('updated', { apiKey: search.secret('old API key', awkward()) });
    await run.identity('UpdateApiKeyCredentialProvider', { name: 'updated', apiKey });
    const external = search.mark('name of an API key', 'key-that-is-kept-elsewhere');
    await addKey(external, {
      apiKeySecretSource: 'EXTERNAL',
      apiKeySecretConfig: { secretId: 'own', jsonKey: 'key' },
    });
    await addKey('spoiled', { apiKey: search.secret('spoiled API key', secretText()) });
    const githubOauth2ProviderConfig = {
      clientId: 'x',
      clientSecret: search.secret("a vendor's client secret", secretText()),
    };
    await run.identity('CreateOauth2CredentialProvider', {
      name: 'vendor',
      credentialProviderVendor: 'GithubOauth2',
      oauth2ProviderConfigInput: { githubOauth2ProviderConfig },
    });
    const { secret } = await caller.done('POST', '/berth/v1/keys', { role: 'invoker', name: 'second' });
    search.secret('secret of a further key', String(secret));
    const { password } = await caller.done('POST', '/berth/v1/registry/token');
    search.secret('password for the registry', String(password));
    await run.command(
      [search.secret('API key by command', secretText())],
      'identity',
      'api-key',
      'create',
      'piped',
    );

    const oauthDiscovery = { discoveryUrl: outside.discoveryUrl };
    const basic = { clientId: 'basic-client', clientSecret, oauthDiscovery };
    const wrong = { ...basic, clientSecret: search.secret('wrong client secret', awkward()) };
    await run.addOauthProvider('wrong', wrong);
    const issuer = `http://${repeating.host}`;
    for (const [index, path] of RepeatingServer.paths.entries())
      await run.addOauthProvider(`repeating-${path.slice(1)}`, {
        ...wrong,
        clientAuthenticationMethod: index % 2 === 0 ? 'CLIENT_SECRET_BASIC' : 'CLIENT_SECRET_POST',
        oauthDiscovery: {
          authorizationServerMetadata: {
            issuer,
            authorizationEndpoint: `${issuer}/`,
            tokenEndpoint: issuer + path,
          },
        },
      });
    const { arn: kmsKeyArn, publicKey } = await caller.done('POST', '/berth/v1/kms/keys', {
      spec: 'ec-p256',
    });
    const callbackUrls = [
      await run.addOauthProvider('basic', basic),
      await run.addOauthProvider('post', {
        ...basic,
        clientId: 'post-client',
        clientAuthenticationMethod: 'CLIENT_SECRET_POST',
      }),
      await run.addOauthProvider('key', {
        clientId: 'key-client',
        oauthDiscovery,
        clientAuthenticationMethod: 'PRIVATE_KEY_JWT',
        privateKeyJwtConfig: { privateKeySource: { kmsKeySource: { kmsKeyArn } }, signingAlgorithm: 'ES256' },
      }),
      await run.addOauthProvider('exchange', {
        ...basic,
        onBehalfOfTokenExchangeConfig: {
          grantType: 'TOKEN_EXCHANGE',
          tokenExchangeGrantTypeConfig: { actorTokenContent: 'M2M' },
        },
      }),
    ];
    // Tokens that are refreshed while the test looks on.
    const options = { accessTokenTtlS: 2, takesPushed: true };
    await outside.open({ callbackUrls, secret: clientSecret, publicJwk: publicKey as object, ...options });
    for (const kind of ['ApiKey', 'Oauth2']) await run.identity(`List${kind}CredentialProviders`, {});
    for (const name of ['basic', 'key', 'vendor'])
      await run.identity('GetOauth2CredentialProvider', { name });
  });

  it('are in what agents have, and in what is said to them', async () => {
    verifies('secrets:whole-run');
    const { berth, caller, search, session } = run;
    const environmentVariables = { OWN_KEY: search.secret('variable of a runtime', secretText()) };
    const named = { clientId: 'web', username: 'eve' };
    const { discoveryUrl } = await caller.done('POST', '/berth/v1/development-issuer/token', named);
    const customJWTAuthorizer = { discoveryUrl: String(discoveryUrl), allowedClients: ['web'] };
    const authorizerConfiguration = { customJWTAuthorizer };
    const requestHeaderConfiguration = { requestHeaderAllowlist: ['X-Tenant-Key'] };
    signed = await berth.deploy('unruly', 'signed', { environmentVariables, requestHeaderConfiguration });
    guarded = await berth.deploy('unruly', 'guarded', { authorizerConfiguration });
    echo = await berth.deploy('agentcore-ts', 'echo', { authorizerConfiguration });
    search.mark('id of a runtime', signed.id);
    await caller.done('GET', `/runtimes/${signed.id}/`);

    const headers = {
      [sessionHeader]: session,
      [userHeader]: 'ann',
      'x-tenant-key': search.secret('header for an agent', secretText()),
    };
    const said = { deed: 'headers', said: search.secret('body of an invocation', secretText()) };
    const { headers: seen } = await caller.done('POST', addressOf(signed), said, { headers });
    search.secret('workload token', workloadTokenIn(seen));
    const inside = { deed: 'call', url: 'http://169.254.170.2/role/credentials', method: 'GET' };
    const { body } = await caller.done('POST', addressOf(signed), inside, { headers });
    const { SecretAccessKey = '', Token = '' } = JSON.parse(String(body)) as Record<string, string>;
    search.secret("secret key of an agent's role", SecretAccessKey);
    search.secret("session token of an agent's role", Token);
    const command = ['node', '--input-type=module', '--eval', metadataProgram];
    const { stdout } = await berth.cli('exec', signed.id, '--session', session, '--', ...command);
    const [token = '', refusal = '', variable] = JSON.parse(stdout) as string[];
    search.secret('token of the instance metadata', token);
    search.keep('errors', refusal);
    assert.equal(variable, environmentVariables.OWN_KEY);
    const { sandboxId } = await caller.done('GET', `/berth/v1/sessions/${signed.id}/${session}`);
    search.mark('id of a sandbox', String(sandboxId));
  });

  it('come with bearer tokens and presigned URLs', async () => {
    verifies('secrets:whole-run');
    const { berth, caller, search, session } = run;
    const token = await run.userToken('ann');
    const headers = { [sessionHeader]: randomUUID() };
    await caller.done('POST', addressOf(guarded), { deed: 'hello' }, { token, headers });
    const pair = 'base64UrlBearerAuthorization';
    const path = `${addressOf(echo, 'ws')}?${sessionHeader}=${randomUUID()}`;
    const offered = [`${pair}.${Buffer.from(token).toString('base64url')}`, pair];
    const socket = new WebSocket(berth.server.url.replace('http:', 'ws:') + path, offered);
    await once(socket, 'open');
    const answer = once(socket, 'message');
    socket.send(search.secret('message of a WebSocket', secretText()));
    await answer;
    socket.close(1000, 'that is all');
    await once(socket, 'close');
    const shown = await fetch(await caller.presigned(`/runtimes/${signed.id}/`, {}));
    assert.equal(shown.status, 200);
    const url = await caller.presigned(addressOf(signed, 'ws'), { [sessionHeader]: session });
    const [error] = (await once(new WebSocket(url.replace('http:', 'ws:')), 'error')) as [Error];
    assert.match(error.message, /424/);
  });

  it('come from a real authorization server, by every flow', async () => {
    verifies('secrets:whole-run');
    const { caller, search, outside } = run;
    await run.identity('UpdateWorkloadIdentity', {
      name: guarded.id,
      allowedResourceOauth2ReturnUrls: [returnUrl],
    });
    const userToken = await run.userToken('ann');
    const workload = await run.workloadToken(guarded.id, userToken);
    for (const name of ['basic', 'post', 'key']) await accessToken(run.resourceToken(workload, name));
    const { apiKey } = await run.identity('api-key', {
      workloadIdentityToken: workload,
      resourceCredentialProviderName: 'updated',
    });
    assert.equal(apiKey, run.apiKey);

    const wish = {
      oauth2Flow: 'USER_FEDERATION',
      scopes: ['openid', 'offline_access', 'read'],
      resourceOauth2ReturnUrl: returnUrl,
      customState: search.secret('custom state', secretText()),
      customParameters: { login_hint: search.secret('custom parameter', secretText()) },
    };
    const sessionUri = await consent(await run.resourceToken(workload, 'post', wish));
    await run.identity('CompleteResourceTokenAuth', { sessionUri, userIdentifier: { userToken } });
    await accessToken(run.resourceToken(workload, 'post', { ...wish, sessionUri }));
    for (; !outside.grants.includes('refresh_token'); await sleep(100))
      await accessToken(run.resourceToken(workload, 'post', wish));
    const headers = { [sessionHeader]: randomUUID() };
    const called = await caller.done(
      'POST',
      addressOf(guarded),
      { deed: 'headers' },
      { token: userToken, headers },
    );
    const handed = search.secret('workload token', workloadTokenIn(called['headers']));
    await accessToken(run.resourceToken(handed, 'exchange', { oauth2Flow: 'ON_BEHALF_OF_TOKEN_EXCHANGE' }));

    const learned = new Set<string>();
    for (const exchanged of [...outside.tokenRequests, ...outside.tokenAnswers, ...outside.pushed])
      for (const name of secretParameters) {
        const value = exchanged[name];
        if (typeof value !== 'string') continue;
        learned.add(name);
        search.secret(`${name} of the authorization server`, value);
      }
    assert.deepEqual([...learned].toSorted(), secretParameters.toSorted());
  });

  it('are in what goes wrong', async () => {
    verifies('secrets:whole-run');
    const userToken = await run.userToken('bob');
    const workloadToken = await run.workloadToken(guarded.id, userToken);
    const errors = new ProvokedErrors(run);
    const slow = errors.ofProviders(workloadToken);
    await errors.ofTokens({ workloadToken, userToken }, signed, guarded);
    await errors.ofInput();
    await errors.ofRequests(signed);
    await errors.ofRegistries();
    await errors.ofCommands();
    await slow;
    assert.deepEqual(errors.statuses, new Set([400, 401, 403, 404, 409, 424, 500]));
  });

  it('are in the memory of a server that is killed, and cannot be opened by the next', async () => {
    verifies('secrets:whole-run', 'secrets:core-dumps');
    const { berth, caller, search, session } = run;
    const { home } = berth.server;
    for (const pid of [berth.process.pid, await containerdOf(home)])
      assert.match(await readFile(`/proc/${pid}/limits`, 'utf8'), /^Max core file size +0 /m);
    const said = { deed: 'neverAnswer', said: search.secret('body without an answer', secretText()) };
    const lost = caller.call('POST', addressOf(signed), said, { headers: { [sessionHeader]: session } });
    const broken = assert.rejects(lost);
    for (let calls; calls !== 1; await sleep(20)) {
      const { sessions } = await caller.done('GET', '/berth/v1/load');
      calls = (sessions as { id: string; calls: number }[]).find(({ id }) => id === session)?.calls;
    }
    search.keep('metrics', await berth.metrics());
    await berth.process.kill();
    await broken;
    await run.searchFiles((path) => !/\/io\.containerd\.(content|snapshotter)\./.test(path));
    spoil(join(home, 'berth.db'));
    await berth.process.start();

    const { workloadAccessToken } = await run.identity('GetWorkloadAccessToken', { workloadName: signed.id });
    const workloadIdentityToken = search.secret('workload token', String(workloadAccessToken));
    const wanted = { workloadIdentityToken, resourceCredentialProviderName: 'spoiled' };
    const { status } = await caller.call('POST', '/identities/api-key', wanted);
    assert.equal(status, 500);
    const oauth2ProviderConfigInput = { githubOauth2ProviderConfig: { clientId: 'y' } };
    const change = { name: 'vendor', credentialProviderVendor: 'GithubOauth2', oauth2ProviderConfigInput };
    const refused = await caller.call('POST', '/identities/UpdateOauth2CredentialProvider', change);
    assert.match(refused.text, /DecryptionFailure|cannot be opened/);
    await caller.done('POST', '/berth/v1/vault/rotate', {});
    await caller.done('POST', '/berth/v1/identity/signing-key/rotate', {});
  });

  it('and in the end they are nowhere but where the documentation says, readable by nobody else', async () => {
    verifies('secrets:whole-run', 'secrets:database-mode');
    const { berth, caller, search, collector, masterKey, engineFolder: engine } = run;
    const { home, region } = berth.server;
    await Promise.all([
      run.command([], 'audit', '--json', '-n', '1000'),
      run.command([], 'doctor', '--home', home),
      run.command([], 'status', '--home', home),
    ]);
    for (const path of ['keys', 'kms/keys', 'vault', 'registry/credentials', 'load', 'sessions', 'server'])
      await caller.done('GET', `/berth/v1/${path}`);
    await caller.done('GET', '/berth/v1/logs', undefined, { query: { runtimeId: signed.id } });
    search.keep('metrics', await berth.metrics());
    await berth.process.stop();
    for (const { url, bytes } of collector.requests)
      search.keep(url.endsWith('/metrics') ? 'exported metrics' : 'traces', bytes);

    const scope = { accountId: '000000000000' as AccountId, region };
    for (const { name, secret } of await unsealedSecrets(home, masterKey, scope)) search.secret(name, secret);
    for (const { column, value } of databaseValues(join(home, 'berth.db')))
      search.keep(`column ${column}`, value);
    for (const path of await filesOf(engine))
      search.searchFile(`file of the engine ${relative(engine, path)}`, path);
    await run.searchFiles();
    search.searchKept();

    assert.deepEqual(search.leaks(documentedPlaces), []);
    assert.deepEqual(search.unused(documentedPlaces), []);
    assert.deepEqual(
      controls.filter(([mark, place]) => !search.hasSeen(mark, place)),
      [],
    );
    const open: string[] = [];
    for (const [folder, pattern] of [
      [home, /berth\.db|credentials$|meta\.db$/],
      [engine, /config\.json$/],
    ] as const)
      for (const path of await filesOf(folder, undefined))
        if (pattern.test(path) && (await isOpenToOthers(path, dirname(folder)))) open.push(path);
    assert.deepEqual(open, []);
  });

  /** A user consents in one browser; others are told nothing. Answers the session's URI. */
  async function consent({ json }: Answered): Promise<string> {
    const { berth, search } = run;
    const sessionUri = String(json['sessionUri']);
    const authorizationUrl = String(json['authorizationUrl']);
    const link = new URL(authorizationUrl).searchParams.get('request_uri') ?? '';
    search.secret('session of a consent', sessionUri.slice(-43));
    search.secret('link to a consent', link.slice(-43));
    const browser = new ScriptedBrowser({ stopAt: `${berth.server.url}/identities/oauth2/callback/` });
    const { url } = await browser.agree(authorizationUrl, 'ann');
    for (const name of ['code', 'state'])
      search.secret(`${name} of a consent`, new URL(url).searchParams.get(name) ?? '');
    for (const { value } of browser.cookies.values()) search.secret('cookie of a browser', value);
    search.mark('title of a page', 'This link belongs to another browser');
    const elsewhere = await new ScriptedBrowser({ stopAt: returnUrl }).visit(url);
    browser.stopAt = returnUrl;
    assert.ok((await browser.visit(url)).url.startsWith(returnUrl));
    const again = await browser.visit(url);
    const forged = await browser.visit(
      url.replace(/code=[^&]+/, `code=${search.secret('forged code', secretText())}`),
    );
    for (const page of [elsewhere, again, forged])
      search.keep('pages', JSON.stringify([...page.headers]) + page.body);
    return sessionUri;
  }

  async function accessToken(asked: Promise<Answered>): Promise<void> {
    const { json, text } = await asked;
    assert.equal(typeof json['accessToken'], 'string', text);
    run.search.secret('access token', String(json['accessToken']));
  }
});

const secretParameters = [
  ...[
    'code',
    'code_verifier',
    'state',
    'nonce',
    'client_assertion',
    'refresh_token',
    'access_token',
    'id_token',
  ],
  ...['subject_token', 'actor_token'],
];

/** Tells the token of the metadata service, how that refuses another, and what the environment has. */
const metadataProgram = `
  const metadata = 'http://169.254.169.254/latest/';
  const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' };
  const token = await (await fetch(metadata + 'api/token', { method: 'PUT', headers })).text();
  const bad = await fetch(metadata + 'meta-data/', { headers: { 'x-aws-ec2-metadata-token': token + 'x' } });
  console.log(JSON.stringify([token, await bad.text(), process.env.OWN_KEY]));`;

function addressOf({ arn }: DeployedRuntime, operation = 'invocations'): string {
  return `/runtimes/${encodeURIComponent(arn)}/${operation}`;
}

function workloadTokenIn(seen: unknown): string {
  const token = (seen as Record<string, string>)['x-amz-bedrock-agentcore-identity-wat'];
  return token ?? assert.fail('the agent was given a workload token');
}

/** As a disk may, that errs. */
function spoil(path: string): void {
  const database = new DatabaseSync(path);
  const spoiled = `update credential_providers set sealed_secret = sealed_secret || 'A' where name in ('spoiled', 'vendor')`;
  assert.equal(database.prepare(spoiled).run().changes, 2);
  database.close();
}

/** By the modes of the file and of the folders that lead to it from `root`. */
async function isOpenToOthers(path: string, root: string): Promise<boolean> {
  if (((await stat(path)).mode & 0o004) === 0) return false;
  for (let folder = dirname(path); folder.startsWith(root); folder = dirname(folder))
    if (((await stat(folder)).mode & 0o001) === 0) return false;
  return true;
}
