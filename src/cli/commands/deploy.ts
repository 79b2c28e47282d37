import { InvalidArgumentError, Option, type Command } from 'commander';
import { parseEnv } from 'node:util';
import { duration } from '../../shared/value-types.ts';
import type { CliContext } from '../cli-context.ts';
import { usageError } from '../cli-error.ts';
import { connect, type Connection } from '../client/connect.ts';
import type { SaidAuthorizer } from '../deploy/authorizer-settings.ts';
import { legalName, nameFromReference } from '../deploy/legal-name.ts';
import { runtimeSettings, type DeploySettings } from '../deploy/runtime-settings.ts';
import { waitUntilReady } from '../deploy/wait-until-ready.ts';
import { optionTags } from './runtime-options.ts';
import { newCommand } from '../new-command.ts';
import { formatSize } from '../output/format-time.ts';
import { createPrinter } from '../output/printer.ts';
import { createProgress, silentProgress, type Progress } from '../output/progress.ts';
import { openImage, parseImageSource, type ImageSource } from '../push/image-source.ts';
import { pushImage } from '../push/push-image.ts';
import { createRegistryClient } from '../push/registry-client.ts';
import { readInput } from '../read-answers.ts';

interface DeployOptions {
  readonly name?: string;
  readonly env: readonly string[];
  readonly envFile: readonly string[];
  readonly unsetEnv: readonly string[];
  readonly protocol?: string;
  readonly idleTimeout?: number;
  readonly maxLifetime?: number;
  readonly roleArn?: string;
  readonly sessionStorage?: string;
  readonly description?: string;
  readonly allowHeader: readonly string[];
  readonly option: readonly string[];
  readonly jwtDiscoveryUrl?: string;
  readonly jwtClient: readonly string[];
  readonly jwtAudience: readonly string[];
  readonly jwtScope: readonly string[];
  readonly sigv4?: boolean;
  readonly wait: boolean;
  readonly json?: boolean;
}

export function deployCommand(context: CliContext): Command {
  return newCommand(
    'deploy',
    'Make an image callable: push it if it is here, create or update its runtime, wait until it is ready.',
    [
      'berth deploy oci:./hello-node',
      'berth deploy docker-daemon:my-agent:latest --name my_agent --env MODEL=small',
      'berth deploy oci:./hello-node --jwt-discovery-url development --jwt-client web',
      'berth deploy public.ecr.aws/docker/library/my-agent:v2 --idle-timeout 5m',
    ],
  )
    .argument(
      '<image>',
      'oci:FOLDER[:TAG], docker-daemon:NAME, the path of an archive, or a reference that the server pulls',
    )
    .option('-n, --name <name>', "the runtime's name; otherwise made from the image's")
    .option('-e, --env <name=value>', 'an environment variable of the agent; may be repeated', collect, [])
    .option('--env-file <path>', 'a file of environment variables; may be repeated', collect, [])
    .option('--unset-env <name>', 'a variable that an earlier deploy set; may be repeated', collect, [])
    .addOption(
      new Option('--protocol <name>', 'what the agent speaks; HTTP for a new runtime').choices([
        'HTTP',
        'MCP',
        'A2A',
        'AGUI',
      ]),
    )
    .option('--idle-timeout <time>', 'end a session that is quiet for this long, as in 15m', parseSeconds)
    .option('--max-lifetime <time>', 'end a session after this long, as in 8h', parseSeconds)
    .option(
      '--session-storage <path>',
      "folder below /mnt that keeps a session's files when its sandbox ends, as in /mnt/data",
    )
    .option('--role-arn <arn>', 'role of the agent')
    .option('--description <text>', 'what it is for')
    .option('--allow-header <name>', 'a request header that reaches the agent; may be repeated', collect, [])
    .option(
      '--option <name=value>',
      'an option of its sandboxes, as in memory=512MiB; may be repeated',
      collect,
      [],
    )
    .option(
      '--jwt-discovery-url <url>',
      "callers bring bearer tokens of the issuer that this describes; 'development' is the server's own",
    )
    .option('--jwt-client <id>', 'a client whose tokens are taken; may be repeated', collect, [])
    .option('--jwt-audience <name>', 'an audience whose tokens are taken; may be repeated', collect, [])
    .option('--jwt-scope <name>', 'a scope that lets tokens in; may be repeated', collect, [])
    .addOption(
      new Option('--sigv4', 'callers sign with AWS Signature Version 4 again, and bring no tokens').conflicts(
        ['jwtDiscoveryUrl', 'jwtClient', 'jwtAudience', 'jwtScope'],
      ),
    )
    .option('--no-wait', 'return as soon as the server has accepted it')
    .action((image: string, options: DeployOptions) => deploy(image, options, context));
}

async function deploy(image: string, options: DeployOptions, context: CliContext): Promise<void> {
  const source = await parseImageSource(image);
  const name = options.name === undefined ? nameFromReference(image) : legalName(options.name);
  const given = await readSettings(options, context);
  const tags = optionTags(options.option);
  await using server = await connect(context);
  const printer = createPrinter(context, options.json === true);
  await using progress = printer.isJson ? silentProgress : createProgress(context.stderr, context.clock);
  const said = { ...given, authorizer: await withIssuer(given.authorizer, server) };
  const uri = source.kind === 'reference' ? source.uri : await push(source, name, server, progress);
  const fallback = { roleArn: `arn:aws:iam::${server.credentials.accountId}:role/berth-agent` };

  const existing = (await server.runtimes.list()).find((runtime) => runtime.agentRuntimeName === name);
  // Before the new version, so that no sandbox of it starts with other options.
  if (existing !== undefined && options.option.length > 0)
    await server.runtimes.tag(existing.agentRuntimeArn, tags);
  await progress.show(existing === undefined ? `Creating ${name}` : `Updating ${name}`);
  const changed =
    existing === undefined
      ? await server.runtimes.create({
          agentRuntimeName: name,
          ...runtimeSettings(uri, said, fallback),
          ...(options.option.length > 0 && { tags }),
        })
      : await server.runtimes.update(
          existing.agentRuntimeId,
          runtimeSettings(uri, said, fallback, await server.runtimes.get(existing.agentRuntimeId)),
        );
  if (!options.wait) {
    await progress[Symbol.asyncDispose]();
    return printer.done(changed, `${name}: version ${changed.agentRuntimeVersion} is ${changed.status}.`);
  }
  const { runtimes, admin } = server;
  const parts = { runtimes, admin, clock: context.clock, progress, signal: context.interrupted };
  const runtime = await waitUntilReady(changed.agentRuntimeId, changed.agentRuntimeVersion, parts);
  await progress[Symbol.asyncDispose]();
  const { warning } = await admin.preparation(changed.agentRuntimeId, changed.agentRuntimeVersion);
  if (warning !== undefined) await printer.note(`warning: ${warning}`);
  const takesTokens = runtime.authorizerConfiguration !== undefined;
  await printer.done(
    runtime,
    `${name} is ready: version ${runtime.agentRuntimeVersion}, ${runtime.agentRuntimeArn}\nCall it:  ${takesTokens ? 'BERTH_BEARER_TOKEN=TOKEN ' : ''}berth invoke ${name} '{"prompt":"hi"}'`,
  );
}

/** Into Berth's own registry; returns the reference that names exactly this content. */
async function push(
  source: Exclude<ImageSource, { kind: 'reference' }>,
  name: string,
  server: Connection,
  progress: Progress,
): Promise<string> {
  await progress.show('Reading the image');
  await using image = await openImage(source);
  const [login, { url }] = await Promise.all([server.admin.registryToken(), server.admin.server()]);
  await using registry = createRegistryClient(server.credentials.url, login);
  const repository = name.toLowerCase().replaceAll(/_+/g, '-');
  const digest = await pushImage({
    registry,
    repository,
    tag: 'latest',
    layout: image.layout,
    onProgress: ({ doneBytes, totalBytes }) =>
      void progress.show(`Pushing ${repository}: ${formatSize(doneBytes)} of ${formatSize(totalBytes)}`),
  });
  return `${new URL(url ?? server.credentials.url).host}/${repository}@${digest}`;
}

async function readSettings(options: DeployOptions, context: CliContext): Promise<DeploySettings> {
  const environment: Record<string, string> = {};
  for (const path of options.envFile) {
    Object.assign(environment, parseEnv((await readInput(context, path)).toString()));
  }
  for (const text of options.env) {
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    const value = equals < 0 ? context.env[name] : text.slice(equals + 1);
    if (name === '' || value === undefined) {
      throw usageError(`--env '${text}': expected NAME=VALUE, or the NAME of a variable that is set here.`);
    }
    environment[name] = value;
  }
  return {
    environment,
    unsetEnvironment: options.unsetEnv,
    protocol: options.protocol,
    idleTimeoutS: options.idleTimeout,
    maxLifetimeS: options.maxLifetime,
    sessionStorage: options.sessionStorage,
    roleArn: options.roleArn,
    description: options.description,
    allowedHeaders: options.allowHeader,
    authorizer: {
      discoveryUrl: options.jwtDiscoveryUrl,
      clients: options.jwtClient,
      audiences: options.jwtAudience,
      scopes: options.jwtScope,
    },
    takesSignatures: options.sigv4 === true,
  };
}

/** The server knows its own issuer by its own URL. */
async function withIssuer(said: SaidAuthorizer, { admin, credentials }: Connection): Promise<SaidAuthorizer> {
  if (said.discoveryUrl !== 'development') return said;
  const { url = credentials.url } = await admin.server();
  return { ...said, discoveryUrl: `${url}/berth-issuer/.well-known/openid-configuration` };
}

function parseSeconds(text: string): number {
  const parsed = duration.schema.safeParse(/^\d+$/.test(text) ? `${text}s` : text);
  if (!parsed.success) throw new InvalidArgumentError(`expected ${duration.expected}.`);
  return Math.round(parsed.data / 1000);
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
