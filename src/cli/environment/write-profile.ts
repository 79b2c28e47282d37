import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CliError, usageError } from '../cli-error.ts';
import { writePrivately } from '../credentials/write-privately.ts';
import type { ServerCredentials } from '../credentials/server-credentials.ts';
import { parseProfileFile } from './profile-file.ts';

export interface ProfilePlace {
  readonly userHome: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Writes an AWS profile whose `services` section leads the two AgentCore services to Berth; other profiles and comments stay.
 * A profile of that name that is not Berth's is refused. Returns the files written.
 */
export async function writeProfile(
  name: string,
  server: ServerCredentials,
  place: ProfilePlace,
): Promise<string[]> {
  if (!/^[\w.@+-]+$/.test(name))
    throw usageError(`'${name}' is no profile name: expected letters, digits and . _ @ + -`);
  const configPath = place.env['AWS_CONFIG_FILE'] ?? join(place.userHome, '.aws', 'config');
  const credentialsPath =
    place.env['AWS_SHARED_CREDENTIALS_FILE'] ?? join(place.userHome, '.aws', 'credentials');
  const config = parseProfileFile(await readOrEmpty(configPath));
  const credentials = parseProfileFile(await readOrEmpty(credentialsPath));
  const section = name === 'default' ? 'default' : `profile ${name}`;
  const services = `berth-${name}`;
  const isOurs = config.get(section, 'services') === services;
  if (!isOurs && (config.has(section) || credentials.has(name))) {
    throw new CliError(`The AWS profile '${name}' is there already and is not Berth's.`, {
      advice: 'Choose another name.',
    });
  }
  const newConfig = config
    .set(section, { region: server.region, services })
    .replace(`services ${services}`, [
      'bedrock_agentcore =',
      `  endpoint_url = ${server.url}`,
      'bedrock_agentcore_control =',
      `  endpoint_url = ${server.url}`,
    ]);
  const newCredentials = credentials.set(name, {
    aws_access_key_id: server.accessKeyId,
    aws_secret_access_key: server.secretAccessKey,
  });
  await save(credentialsPath, newCredentials.toString(), 0o600);
  await save(configPath, newConfig.toString(), 0o666);
  return [configPath, credentialsPath];
}

async function save(path: string, text: string, maxMode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writePrivately(path, text, undefined, maxMode);
}

async function readOrEmpty(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}
