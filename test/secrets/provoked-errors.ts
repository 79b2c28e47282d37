import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import type { CallOptions } from './recording-caller.ts';
import { RepeatingServer } from './repeating-server.ts';
import { awkward, secretText, type SecretRun } from './secret-run.ts';

const sessionHeader = 'x-amzn-bedrock-agentcore-runtime-session-id';

/** What goes wrong, with secrets in it. All of it is refused; `statuses` are those that were met. */
export class ProvokedErrors {
  readonly statuses = new Set<number>();
  readonly #run: SecretRun;

  constructor(run: SecretRun) {
    this.#run = run;
  }

  /** Of authorization servers that refuse, fail and repeat what they hear. */
  async ofProviders(workloadToken: string): Promise<void> {
    const { unknownProvider } = this.#run;
    const wanted = (provider: string) =>
      this.#refused(() => this.#run.resourceToken(workloadToken, provider));
    // It is given up after ten seconds.
    const slow = wanted('repeating-slow');
    const others = RepeatingServer.paths.filter((path) => path !== '/slow');
    for (const provider of ['wrong', unknownProvider, ...others.map((path) => `repeating-${path.slice(1)}`)])
      await wanted(provider);
    await slow;
  }

  /** Tokens that are none, that were changed, and that are not taken where they are shown. */
  async ofTokens(
    good: { readonly workloadToken: string; readonly userToken: string },
    signed: DeployedRuntime,
    guarded: DeployedRuntime,
  ): Promise<void> {
    const { workloadToken, userToken } = good;
    const wanted = (wish: object) =>
      this.#refused(() => this.#run.resourceToken(workloadToken, 'basic', wish));
    await wanted({ workloadIdentityToken: this.#typed('workload token') });
    await wanted({ workloadIdentityToken: `${workloadToken}x` });
    await wanted({ customParameters: { client_secret: this.#typed('custom parameter') } });
    const federation = { oauth2Flow: 'USER_FEDERATION' };
    await wanted({
      ...federation,
      sessionUri: `urn:ietf:params:oauth:request_uri:${this.#typed('session')}`,
    });
    await wanted({ ...federation, customState: this.#typed('state').repeat(200) });
    for (const token of [`${userToken}x`, this.#typed("user's token")])
      await this.#post('/identities/GetWorkloadAccessTokenForJWT', {
        workloadName: guarded.id,
        userToken: token,
      });
    const userIdentifier = { userToken: this.#typed("user's token") };
    await this.#post('/identities/CompleteResourceTokenAuth', {
      sessionUri: this.#typed('session'),
      userIdentifier,
    });
    const headers = { [sessionHeader]: this.#run.session };
    await this.#post(invocationsOf(signed), '{}', { headers, token: userToken });
    await this.#post(invocationsOf(signed), '{}', {
      headers: { ...headers, workloadaccesstoken: `${workloadToken}x` },
    });
    const mistyped = this.#run.search.secret('mistyped bearer token', secretText());
    for (const token of [`${userToken}x`, mistyped])
      await this.#post(invocationsOf(guarded), '{}', { headers, token });
  }

  /** Input that is not valid, with a secret in the member that is not, or beside it. */
  async ofInput(): Promise<void> {
    const { berth, repeating, unknownProvider } = this.#run;
    const create = '/identities/CreateApiKeyCredentialProvider';
    await this.#post(create, { name: 'not a name!', apiKey: this.#typed('API key') });
    await this.#post(create, { name: 'long', apiKey: this.#typed('API key').repeat(2_000) });
    await this.#post(create, { name: 'list', apiKey: [this.#typed('API key')] });
    await this.#post(create, { name: 'object', apiKey: { value: this.#typed('API key') } });
    await this.#post(create, `{"name":"cut","apiKey":"${this.#typed('API key')}`);
    await this.#post(create, `{"name":"cut","apiKey":${this.#typed('API key')}}`);
    await this.#post(create, { name: 'updated', apiKey: this.#typed('API key') });
    const apiKey = this.#typed('API key');
    await this.#post('/identities/UpdateApiKeyCredentialProvider', { name: unknownProvider, apiKey });
    const secret = () => ({ clientId: 'x', clientSecret: this.#typed('client secret') });
    const discoveryUrl = `http://user:${encodeURIComponent(this.#typed('password'))}@127.0.0.1:1/`;
    for (const [credentialProviderVendor, oauth2ProviderConfigInput] of [
      ['GithubOauth2', { githubOauth2ProviderConfig: { ...secret(), clientId: '' } }],
      ['GithubOauth2', { googleOauth2ProviderConfig: secret() }],
      ['CustomOauth2', { customOauth2ProviderConfig: { ...secret(), oauthDiscovery: { discoveryUrl } } }],
    ] as const)
      await this.#post('/identities/CreateOauth2CredentialProvider', {
        name: 'bad',
        credentialProviderVendor,
        oauth2ProviderConfigInput,
      });
    const environmentVariables = {
      'no name': this.#typed('variable'),
      KEY: this.#typed('variable').repeat(200),
    };
    await this.#refusedCall('PUT', '/runtimes/', {
      ...berth.settings('bad', 'nowhere'),
      environmentVariables,
    });
    const login = `/berth/v1/registry/credentials/${repeating.host}`;
    await this.#refusedCall('PUT', login, { username: 7, password: this.#typed('password') });
    await this.#refusedCall('PUT', login, `{"username":"me","password":${this.#typed('password')}}`);
  }

  /** Requests with secrets where they do not belong, and agents that break off. */
  async ofRequests(signed: DeployedRuntime): Promise<void> {
    const { berth, caller, search, session } = this.#run;
    const headers = { [sessionHeader]: session };
    for (const deed of ['closeWithoutAnswer', 'speakNonsense'])
      await this.#post(invocationsOf(signed), { deed, said: this.#typed('body') }, { headers });
    const query = { access_token: this.#typed('token in a URL') };
    await this.#refusedCall('GET', '/no/such/path', undefined, { query });
    const basic = Buffer.from(`AWS:${this.#typed('registry password')}`).toString('base64');
    const presigned = await caller.presigned(`/runtimes/${signed.id}/`, {});
    for (const [url, authorization] of [
      [`${berth.server.url}/v2/`, `Basic ${basic}`],
      [`${presigned}0`],
      [presigned.replace('X-Amz-Expires=300', 'X-Amz-Expires=3000')],
    ] as const) {
      const answer = await fetch(url, authorization === undefined ? {} : { headers: { authorization } });
      assert.ok(answer.status >= 400, url);
      search.keep('errors', JSON.stringify([...answer.headers]) + (await answer.text()));
    }
    const hidden = (what: string) => search.secret(`token in ${what}`, secretText());
    for (const head of [
      `GET /runtimes/?access_token=${hidden('a bad request')} HTTP/9.9`,
      `GET /runtimes/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${hidden('a bad header')}\u0001`,
      `POST /runtimes/ HTTP/1.1\r\nHost: x\r\nAuthorization: ${hidden('no form')}\r\nContent-Length: x`,
    ])
      await this.#run.sendRaw(`${head}\r\n\r\n`);
  }

  /** A registry that repeats the login which it refuses. */
  async ofRegistries(): Promise<void> {
    const { berth, caller, repeating } = this.#run;
    const login = { username: 'me', password: this.#typed('registry login') };
    await caller.done('PUT', `/berth/v1/registry/credentials/${repeating.host}`, login);
    const settings = berth.settings('not_pulled', `${repeating.host}/app:v1`);
    const { agentRuntimeId } = await caller.done('PUT', '/runtimes/', settings);
    for (let status; status !== 'CREATE_FAILED'; await sleep(100))
      ({ status } = await caller.done('GET', `/runtimes/${String(agentRuntimeId)}/`));
  }

  /** Commands that get secrets on standard input and fail, and one that does not. */
  async ofCommands(): Promise<void> {
    const { berth, unknownProvider } = this.#run;
    const { url, accessKeyId, secretAccessKey } = berth.server;
    const oauth2 = ['identity', 'oauth2', 'create', 'x', '--vendor', 'custom', '--client-id', 'x'];
    await Promise.all([
      this.#run.command([this.#typed('API key')], 'identity', 'api-key', 'create', 'updated'),
      this.#run.command([this.#typed('client secret')], ...oauth2),
      this.#run.command([accessKeyId, this.#typed('secret key')], 'login', url),
      this.#run.command([accessKeyId, secretAccessKey], 'login', url),
      this.#run.command([this.#typed('registry login')], 'registry', 'login', 'not a host', '-u', 'me'),
      this.#run.command([], 'identity', 'api-key', 'delete', unknownProvider),
    ]);
  }

  #typed(what: string): string {
    return this.#run.search.secret(`mistyped ${what}`, awkward());
  }

  #post(path: string, body: object | string, options?: CallOptions): Promise<void> {
    return this.#refusedCall('POST', path, body, options);
  }

  #refusedCall(...call: Parameters<SecretRun['caller']['call']>): Promise<void> {
    return this.#refused(() => this.#run.caller.call(...call), call[1]);
  }

  async #refused(call: () => Promise<{ readonly status: number }>, what = 'a token'): Promise<void> {
    const { status } = await call();
    assert.ok(status >= 400, `${what} is refused, not answered ${status}`);
    this.statuses.add(status);
  }
}

function invocationsOf({ arn }: DeployedRuntime): string {
  return `/runtimes/${encodeURIComponent(arn)}/invocations`;
}
