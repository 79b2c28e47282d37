import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { RealOauthServer } from '../../src/identity/testing/real-oauth-server.ts';
import { berthCommand, BerthFixture } from '../fixture/berth-fixture.ts';
import { OtlpReceiver } from '../fixture/otlp-receiver.ts';
import { readDatabase } from '../fixture/read-database.ts';
import { filesOf } from './home-files.ts';
import { ProcessWatch } from './process-watch.ts';
import { type Answered, RecordingCaller } from './recording-caller.ts';
import { RepeatingServer } from './repeating-server.ts';
import { SecretSearch } from './secret-search.ts';

/** A server that is told secrets, everyone it talks with, and a search for the secrets in all that comes of it. */
export class SecretRun implements AsyncDisposable {
  readonly search = new SecretSearch();
  readonly masterKey = randomBytes(32);
  /** Of every client of `outside`. */
  readonly clientSecret = this.search.secret('client secret', awkward());
  readonly apiKey = this.search.secret('API key', awkward());
  /** The id of a session. */
  readonly session = this.search.mark('id of a session', randomUUID());
  readonly unknownProvider = this.search.mark('name of a provider', 'no-provider-has-this-name');
  readonly collector: OtlpReceiver;
  readonly outside: RealOauthServer;
  readonly repeating: RepeatingServer;
  readonly #folder: string;
  readonly #stack = new AsyncDisposableStack();
  #berth: BerthFixture | undefined;
  #caller: RecordingCaller | undefined;
  #engineFolder = '';

  private constructor(folder: string, parts: Pick<SecretRun, 'collector' | 'outside' | 'repeating'>) {
    this.#folder = folder;
    this.#stack.defer(() => rm(folder, { recursive: true }));
    this.collector = this.#stack.use(parts.collector);
    this.outside = this.#stack.use(parts.outside);
    this.repeating = this.#stack.use(parts.repeating);
  }

  static async start(): Promise<SecretRun> {
    const run = new SecretRun(await mkdtemp(join(tmpdir(), 'berth-secrets-')), {
      collector: await OtlpReceiver.open(),
      outside: await RealOauthServer.listen(),
      repeating: await RepeatingServer.start(),
    });
    await run.#startServer();
    return run;
  }

  get berth(): BerthFixture {
    if (this.#berth === undefined) throw new Error('The server was not started.');
    return this.#berth;
  }

  get caller(): RecordingCaller {
    if (this.#caller === undefined) throw new Error('The server was not started.');
    return this.#caller;
  }

  /** An operation of the identity service. Throws unless it is done. */
  identity(operation: string, body: object): Promise<Readonly<Record<string, unknown>>> {
    return this.caller.done('POST', `/identities/${operation}`, body);
  }

  resourceToken(workloadIdentityToken: string, provider: string, wish: object = {}): Promise<Answered> {
    const request = { workloadIdentityToken, resourceCredentialProviderName: provider };
    const usual = { oauth2Flow: 'M2M', scopes: ['read'] };
    return this.caller.call('POST', '/identities/oauth2/token', { ...request, ...usual, ...wish });
  }

  /** Makes a provider; answers its callback URL. */
  async addOauthProvider(name: string, customOauth2ProviderConfig: object): Promise<string> {
    const { callbackUrl } = await this.identity('CreateOauth2CredentialProvider', {
      name,
      credentialProviderVendor: 'CustomOauth2',
      oauth2ProviderConfigInput: { customOauth2ProviderConfig },
    });
    return String(callbackUrl);
  }

  /** Of the server's own issuer. */
  async userToken(username: string): Promise<string> {
    const wish = { clientId: 'web', username };
    const { token } = await this.caller.done('POST', '/berth/v1/development-issuer/token', wish);
    return this.search.secret("a user's token", String(token));
  }

  async workloadToken(workloadName: string, userToken: string): Promise<string> {
    const given = await this.identity('GetWorkloadAccessTokenForJWT', { workloadName, userToken });
    return this.search.secret('workload token', String(given['workloadAccessToken']));
  }

  /** A command of the operator with these lines on standard input, whatever comes of it; answers what it says. */
  async command(lines: readonly string[], ...args: readonly string[]): Promise<string> {
    const env = {
      ...process.env,
      BERTH_HOME: this.berth.server.home,
      XDG_CONFIG_HOME: join(this.#folder, 'config'),
    };
    const child = spawn(berthCommand, args, { env });
    child.stdin.on('error', () => {}).end(lines.map((line) => `${line}\n`).join(''));
    const [told, failed] = await Promise.all([text(child.stdout), text(child.stderr)]);
    this.search.keep(`what berth ${args[0]} says`, `${told}\n${failed}`);
    return told;
  }

  /** What comes of a request that no client would send. */
  async sendRaw(request: string): Promise<void> {
    const { hostname, port } = new URL(this.berth.server.url);
    const socket = connect(Number(port), hostname);
    socket.end(request, 'latin1');
    this.search.keep('errors', await text(socket));
  }

  /** What its engine keeps while sandboxes run. */
  get engineFolder(): string {
    return this.#engineFolder;
  }

  /** Of the home. */
  async searchFiles(isWanted?: (path: string) => boolean): Promise<void> {
    const { home } = this.berth.server;
    for (const path of await filesOf(home, isWanted))
      this.search.searchFile(`file ${relative(home, path)}`, path);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }

  async #startServer(): Promise<void> {
    const { search, masterKey } = this;
    const secrets = join(this.#folder, 'secrets');
    await mkdir(secrets);
    const external = search.secret('external secret', awkward());
    await writeFile(join(secrets, 'own.json'), JSON.stringify({ key: external }), { mode: 0o600 });
    const program = join(this.#folder, 'berth');
    await writeFile(program, programOfLooseLimits, { mode: 0o755 });
    const home = join(this.#folder, 'home');
    await mkdir(home);
    await chmod(home, 0o755);
    this.#stack.use(new ProcessWatch(search, home));
    search.secret('master key', masterKey);
    const environment = {
      BERTH_MASTER_KEY: search.secret('master key', masterKey.toString('base64')),
      BERTH_LOG_LEVEL: 'debug',
      BERTH_PRIVATE_ISSUERS: `${this.outside.name},http://${this.repeating.host}`,
      BERTH_SECRETS_DIR: secrets,
      BERTH_SANDBOX_DISK: '64MiB',
      OTEL_EXPORTER_OTLP_ENDPOINT: this.collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: `api-key=${search.secret('key of the collector', secretText())}`,
      OTEL_SERVICE_NAME: search.mark('name of the service', `service-${secretText()}`),
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_METRIC_EXPORT_INTERVAL: '500',
    };
    const berth = await BerthFixture.start(environment, { home, program });
    this.#stack.defer(() => berth.destroy());
    search.mark('home', home);
    const [row] = readDatabase(home, `select value from settings where name = 'server_tag'`);
    this.#engineFolder = search.mark('folder of the engine', `/run/berth/${String(row?.['value'])}`);
    search.secret('secret of the first key', berth.server.secretAccessKey);
    this.#berth = berth;
    this.#caller = new RecordingCaller(berth.server, search);
  }
}

/** The `berth` of somebody whose shell lets programs dump core. */
const programOfLooseLimits = `#!/bin/sh\nulimit -S -c unlimited\nexec ${berthCommand} "$@"\n`;

export function secretText(): string {
  return randomBytes(24).toString('base64url');
}

/** With what URLs, JSON and HTML escape. */
export function awkward(): string {
  return `${secretText()}"\\%+/&<${secretText()}`;
}
