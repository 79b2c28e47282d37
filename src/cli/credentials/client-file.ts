import { chown, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import { writePrivately, type FileOwner } from './write-privately.ts';
import { serverCredentialsSchema, type ServerCredentials } from './server-credentials.ts';

const clientFileSchema = z.object({ current: z.string(), servers: z.array(serverCredentialsSchema) });

/** The servers a user has logged in to, one entry for each URL, and the one that commands use. */
export type ClientFile = z.infer<typeof clientFileSchema>;

/** `$XDG_CONFIG_HOME/berth/client.json`, by default under `~/.config`. */
export function clientFilePath(userHome: string, env: Readonly<Record<string, string | undefined>>): string {
  const configHome = env['XDG_CONFIG_HOME'];
  const base =
    configHome !== undefined && configHome.startsWith('/') ? configHome : join(userHome, '.config');
  return join(base, 'berth', 'client.json');
}

export async function readClientFile(path: string): Promise<ClientFile | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new CliError(`${path} cannot be read: ${error.message}`, { cause: error });
  });
  if (text === undefined) return undefined;
  try {
    return clientFileSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new CliError(`${path} is damaged.`, {
      advice: `Delete it and log in again: berth login URL`,
      cause: error,
    });
  }
}

/** Adds or replaces a server and makes it the current one. Written by root for somebody else, the file becomes theirs. */
export async function saveServer(path: string, server: ServerCredentials, owner?: FileOwner): Promise<void> {
  const before = await readClientFile(path);
  const others = before?.servers.filter((known) => known.url !== server.url) ?? [];
  const folder = dirname(path);
  for (const made of [dirname(folder), folder]) await makeFolder(made, owner);
  const content: ClientFile = { current: server.url, servers: [...others, server] };
  await writePrivately(path, `${JSON.stringify(content, undefined, 2)}\n`, owner);
}

async function makeFolder(path: string, owner: FileOwner | undefined): Promise<void> {
  const firstMade = await mkdir(path, { recursive: true, mode: 0o700 });
  if (firstMade !== undefined && owner !== undefined) await chown(path, owner.uid, owner.gid);
}
