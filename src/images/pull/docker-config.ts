import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { BerthError, messageOf } from '../../shared/errors.ts';
import type { RegistryCredential } from './registry-credentials.ts';
import { parseRegistryHost } from './registry-host.ts';

/** What Docker's own configuration says about a registry. */
export type DockerLogin =
  | { readonly kind: 'password'; readonly credential: RegistryCredential }
  | { readonly kind: 'identity-token'; readonly token: string }
  /** Kept by a program that Berth does not run. */
  | { readonly kind: 'helper'; readonly program: string };

const configSchema = z.object({
  auths: z
    .record(z.string(), z.object({ auth: z.string().optional(), identitytoken: z.string().optional() }))
    .optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
  credsStore: z.string().optional(),
});

/** undefined when the file does not exist or knows nothing of `host`. Rejects with `validation` when it cannot be read. */
export async function findDockerLogin(path: string, host: string): Promise<DockerLogin | undefined> {
  const config = await readConfig(path);
  const helper = Object.entries(config?.credHelpers ?? {}).find(([name]) => isFor(name, host))?.[1];
  if (helper !== undefined) return { kind: 'helper', program: `docker-credential-${helper}` };
  const entry = Object.entries(config?.auths ?? {}).find(([name]) => isFor(name, host))?.[1];
  if (entry?.identitytoken) return { kind: 'identity-token', token: entry.identitytoken };
  const [, username, password] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(entry?.auth ?? '', 'base64').toString('utf8')) ?? [];
  if (username && password)
    return { kind: 'password', credential: { username, password: password.replace(/\0+$/, '') } };
  if (entry !== undefined && config?.credsStore)
    return { kind: 'helper', program: `docker-credential-${config.credsStore}` };
  return undefined;
}

async function readConfig(path: string): Promise<z.infer<typeof configSchema> | undefined> {
  try {
    return configSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : withoutContent(error);
    throw new BerthError(
      'validation',
      `Docker's configuration ${path} cannot be used: ${problem}. Mend it or move it away.`,
    );
  }
}

/** A JSON error quotes the text around it, which may be a password. */
function withoutContent(error: unknown): string {
  return error instanceof SyntaxError ? 'it is not JSON' : messageOf(error);
}

function isFor(name: string, host: string): boolean {
  try {
    return parseRegistryHost(name) === host;
  } catch {
    return false;
  }
}
