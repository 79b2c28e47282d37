import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { settings } from '../../config/settings.ts';
import type { CliContext } from '../cli-context.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { clientFilePath, readClientFile, type ClientFile } from './client-file.ts';
import { serverCredentialsSchema, type ServerCredentials } from './server-credentials.ts';

type Surroundings = Pick<CliContext, 'env' | 'userHome'>;

/**
 * Which server to call and as whom. `BERTH_ENDPOINT` decides first (with the AWS key variables, else the login for that
 * URL); then the credentials of `BERTH_HOME` when that is set; then the current login; then those of the default home.
 */
export async function findCredentials(context: Surroundings): Promise<ServerCredentials> {
  const logins = await readClientFile(clientFilePath(context.userHome, context.env));
  const endpoint = context.env['BERTH_ENDPOINT'];
  const home = context.env['BERTH_HOME'];
  if (endpoint !== undefined && endpoint !== '') {
    const local = await homeCredentials(
      home === undefined || home === '' ? settings.home.default : home,
    ).catch(() => undefined);
    return endpointCredentials(endpoint.replace(/\/+$/, ''), context.env, logins, local);
  }
  const found =
    (home === undefined || home === '' ? undefined : await homeCredentials(home)) ??
    logins?.servers.find((server) => server.url === logins.current) ??
    (await homeCredentials(settings.home.default));
  if (found !== undefined) return found;
  throw new CliError('This machine does not know a Berth server yet.', {
    exitCode: exitCodes.denied,
    advice: "Start one here with 'sudo berth up -d', or use one elsewhere with 'berth login URL'.",
  });
}

/** The file that a server leaves in its home directory; undefined when it is not there or not for this user. */
export async function homeCredentials(home: string): Promise<ServerCredentials | undefined> {
  const path = join(home, 'credentials');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'EACCES' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return serverCredentialsSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new CliError(`${path} is damaged.`, {
      advice: 'Start the server again: it writes a new one.',
      cause: error,
    });
  }
}

function endpointCredentials(
  url: string,
  env: Surroundings['env'],
  logins: ClientFile | undefined,
  local: ServerCredentials | undefined,
): ServerCredentials {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new CliError(`BERTH_ENDPOINT is '${url}': expected an http:// or https:// URL.`, {
      exitCode: exitCodes.usage,
    });
  }
  const login = logins?.servers.find((server) => server.url === url);
  const tls = login?.tls ?? (local?.url === url ? local.tls : undefined);
  const accessKeyId = env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'];
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    if (login !== undefined) return login;
    throw new CliError(`BERTH_ENDPOINT names ${url}, but there is no key for it.`, {
      exitCode: exitCodes.denied,
      advice: `Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in: berth login ${url}`,
    });
  }
  return {
    url,
    region:
      env['BERTH_REGION'] ??
      login?.region ??
      env['AWS_REGION'] ??
      env['AWS_DEFAULT_REGION'] ??
      settings.region.default,
    accountId: env['AWS_ACCOUNT_ID'] ?? env['BERTH_ACCOUNT'] ?? login?.accountId ?? settings.account.default,
    accessKeyId,
    secretAccessKey,
    ...(tls !== undefined && { tls }),
  };
}
