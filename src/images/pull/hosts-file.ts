import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'smol-toml';
import { z } from 'zod';
import { BerthError, messageOf } from '../../shared/errors.ts';
import { type HostTls, type PullHost, readCertificate, requireProof, upstream } from './pull-host.ts';

/**
 * Reads a `hosts.toml` as containerd's documentation describes it (docs/hosts.md of containerd): mirrors in the order in which
 * they are written, then `server`, which is `registry` itself when not given. Rejects with `validation`.
 */
export async function parseHostsFile(path: string, registry: string): Promise<readonly PullHost[]> {
  const file = await readHostsFile(path);
  const hosts: PullHost[] = [];
  for (const [url, settings] of Object.entries(file.host)) {
    hosts.push(...(await toHost(path, url, settings, registry)));
  }
  if (file.server !== undefined) return [...hosts, ...(await toHost(path, file.server, file, registry))];
  const usual = upstream(registry, undefined).base.origin;
  return [...hosts, ...(await toHost(path, usual, file, registry))];
}

const text = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const hostShape = {
  capabilities: z.array(z.enum(['pull', 'resolve', 'push', 'referrers'])).default(['pull', 'resolve']),
  ca: text.default([]),
  client: z
    .union([
      z.string().transform((both) => [[both, both] as const]),
      z.array(z.string()).transform((list) => list.map((both) => [both, both] as const)),
      z.array(z.tuple([z.string(), z.string()])),
    ])
    .default([]),
  skip_verify: z.literal(false, 'is not supported: name the CA in `ca`').optional(),
  header: z.record(z.string(), text).default({}),
  override_path: z.boolean().default(false),
  dial_timeout: z.string().optional(),
};
const hostSchema = z.object(hostShape);
const fileSchema = z.object({
  ...hostShape,
  server: z.string().optional(),
  host: z.record(z.string(), hostSchema).default({}),
});

type HostSettings = z.infer<typeof hostSchema>;

async function readHostsFile(path: string): Promise<z.infer<typeof fileSchema>> {
  let document: unknown;
  try {
    document = parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw refused(path, messageOf(error).split('\n')[0] ?? '');
  }
  const parsed = fileSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw refused(path, `${issue?.path.join('.') ?? 'it'} ${issue?.message ?? 'is wrong'}`);
}

/** None when the host may not be pulled from. */
async function toHost(
  path: string,
  url: string,
  settings: HostSettings,
  registry: string,
): Promise<readonly PullHost[]> {
  const { capabilities, header, override_path: isWholePath } = settings;
  if (!capabilities.includes('pull')) return [];
  const base = URL.parse(url.includes('://') ? url : `https://${url}`);
  if (base === null || !/^https?:$/.test(base.protocol) || base.username !== '' || base.password !== '') {
    throw refused(path, `'${url}' is not the URL of a registry without a log-in`);
  }
  requireProof(base, path);
  base.pathname = isWholePath ? base.pathname.replace(/\/+$/, '') : `${base.pathname.replace(/\/+$/, '')}/v2`;
  const isItself = upstream(registry, undefined).base.host === base.host;
  return [
    {
      name: isItself ? registry : base.host,
      base,
      canResolve: capabilities.includes('resolve'),
      headers: Object.fromEntries(
        Object.entries(header).map(([name, values]) => [name.toLowerCase(), values.join(', ')]),
      ),
      tls: await readTls(path, settings),
      namespace: isItself ? undefined : registry,
    },
  ];
}

async function readTls(path: string, { ca, client }: HostSettings): Promise<HostTls | undefined> {
  if (ca.length === 0 && client.length === 0) return undefined;
  const read = (file: string) => readCertificate(resolve(dirname(path), file));
  const [pair] = client;
  return {
    ca: await Promise.all(ca.map(read)),
    client: pair && { cert: await read(pair[0]), key: await read(pair[1]) },
  };
}

function refused(path: string, problem: string): BerthError {
  return new BerthError('validation', `The registry configuration ${path} cannot be used: ${problem}.`);
}
