import { z } from 'zod';
import { ApiError } from './api-error.ts';
import type { ApiAnswer, ServerClient } from './server-client.ts';

/** Times come as milliseconds or as ISO text; here they are milliseconds. */
const timeSchema = z
  .union([z.number(), z.string().transform((text) => Date.parse(text))])
  .nullish()
  .transform((time) => time ?? undefined);

const serverSchema = z.looseObject({
  version: z.string(),
  url: z.string().optional(),
  region: z.string(),
  accountId: z.string(),
  startedAtMs: timeSchema,
  engine: z
    .looseObject({
      description: z.string(),
      isolation: z.string().optional(),
      warnings: z.array(z.string()).default([]),
    })
    .optional(),
  liveSessions: z.number().optional(),
  runtimes: z.number().optional(),
});

/** It goes into files of this machine: see `trust` and `env`. */
const regionSchema = z.string().regex(/^[a-z]{2,}(-[a-z]+)+-\d{1,2}$/);

const callerSchema = z.looseObject({
  accountId: z.string().regex(/^\d{12}$/),
  region: regionSchema,
  role: z.string(),
});

const keySchema = z.looseObject({
  id: z.string(),
  name: z.string().optional(),
  role: z.string(),
  createdAtMs: timeSchema,
  revokedAtMs: timeSchema,
});

const newKeySchema = z.looseObject({ ...keySchema.shape, secret: z.string() });

const tokenSchema = z.looseObject({
  username: z.string(),
  password: z.string(),
  expiresAtMs: timeSchema,
});

const developmentTokenSchema = z.looseObject({
  token: z.string(),
  expiresAtMs: timeSchema,
  discoveryUrl: z.string(),
});

const registryCredentialSchema = z.looseObject({
  host: z.string(),
  username: z.string(),
  updatedAtMs: timeSchema,
});

const sessionSchema = z.looseObject({
  id: z.string(),
  runtimeId: z.string(),
  runtimeName: z.string().optional(),
  incarnation: z.number().optional(),
  endpoint: z.string().optional(),
  version: z.number().optional(),
  state: z.string(),
  sandboxId: z.string().nullish(),
  startedAtMs: timeSchema,
  lastActivityAtMs: timeSchema,
  endedAtMs: timeSchema,
  endReason: z.string().nullish(),
});

const imageSchema = z.looseObject({
  repository: z.string(),
  tag: z.string().nullish(),
  digest: z.string(),
  sizeBytes: z.number().optional(),
  pushedAtMs: timeSchema,
});

/** Empty when a version is not being prepared now. */
const preparationSchema = z.looseObject({
  phase: z.string().optional(),
  /** Bytes, or layers while unpacking. */
  done: z.number().optional(),
  total: z.number().optional(),
});

export type Preparation = z.infer<typeof preparationSchema>;
export type ServerStatus = z.infer<typeof serverSchema>;
export type Key = z.infer<typeof keySchema>;
export type SessionDetails = z.infer<typeof sessionSchema>;
export type StoredImage = z.infer<typeof imageSchema>;
export type RegistryToken = z.infer<typeof tokenSchema>;

export interface LogQuery {
  readonly runtimeId: string;
  readonly sessionId?: string | undefined;
  readonly tail?: number | undefined;
  readonly follow?: boolean | undefined;
  readonly signal?: AbortSignal;
}

const root = '/berth/v1';

/** Berth's own small API, for what AgentCore has no operation for. docs/admin-api.md describes it. */
export class AdminApi {
  readonly #client: ServerClient;

  constructor(client: ServerClient) {
    this.#client = client;
  }

  async server(): Promise<ServerStatus> {
    return serverSchema.parse(await this.#client.json({ method: 'GET', path: `${root}/server` }));
  }

  /** Whose key this is; any key may ask. */
  async whoAmI(): Promise<z.infer<typeof callerSchema>> {
    return callerSchema.parse(await this.#client.json({ method: 'GET', path: `${root}/whoami` }));
  }

  async keys(): Promise<Key[]> {
    return this.#list('keys', 'keys', keySchema);
  }

  async createKey(name: string, role: string): Promise<z.infer<typeof newKeySchema>> {
    return newKeySchema.parse(
      await this.#client.json({ method: 'POST', path: `${root}/keys`, body: { name, role } }),
    );
  }

  async revokeKey(id: string): Promise<void> {
    await this.#client.json({ method: 'DELETE', path: `${root}/keys/${encodeURIComponent(id)}` });
  }

  /** A user name and a short-lived password for pushing to Berth's registry. */
  async registryToken(): Promise<RegistryToken> {
    return tokenSchema.parse(await this.#client.json({ method: 'POST', path: `${root}/registry/token` }));
  }

  /** A bearer token of the server's own issuer; without `lifetimeS` it is good for an hour. */
  async developmentToken(request: {
    readonly clientId: string;
    readonly username: string;
    readonly scopes: readonly string[];
    readonly lifetimeS?: number;
  }): Promise<z.infer<typeof developmentTokenSchema>> {
    const path = `${root}/development-issuer/token`;
    return developmentTokenSchema.parse(await this.#client.json({ method: 'POST', path, body: request }));
  }

  async registryCredentials(): Promise<z.infer<typeof registryCredentialSchema>[]> {
    return this.#list('registry/credentials', 'credentials', registryCredentialSchema);
  }

  async saveRegistryCredential(host: string, username: string, password: string): Promise<void> {
    const path = `${root}/registry/credentials/${encodeURIComponent(host)}`;
    await this.#client.json({ method: 'PUT', path, body: { username, password } });
  }

  async deleteRegistryCredential(host: string): Promise<void> {
    await this.#client.json({
      method: 'DELETE',
      path: `${root}/registry/credentials/${encodeURIComponent(host)}`,
    });
  }

  /** Live sessions, or with `all` also those that ended. */
  async sessions(filter: {
    runtimeId?: string | undefined;
    all?: boolean | undefined;
  }): Promise<SessionDetails[]> {
    const query = { runtimeId: filter.runtimeId, all: filter.all === true ? 'true' : undefined };
    return this.#list('sessions', 'sessions', sessionSchema, query);
  }

  /** Resolves when its sandbox is gone. */
  async stopSession(runtimeId: string, id: string): Promise<void> {
    const path = `${root}/sessions/${encodeURIComponent(runtimeId)}/${encodeURIComponent(id)}/stop`;
    await this.#client.json({ method: 'POST', path });
  }

  /** How far the image of a version is on its way to the server. */
  async preparation(runtimeId: string, version: string): Promise<Preparation> {
    const path = `${root}/runtimes/${encodeURIComponent(runtimeId)}/versions/${encodeURIComponent(version)}/preparation`;
    try {
      return preparationSchema.parse(await this.#client.json({ method: 'GET', path }));
    } catch (error) {
      // A server of an older version does not tell.
      if (error instanceof ApiError && error.status === 404) return {};
      throw error;
    }
  }

  async images(): Promise<StoredImage[]> {
    return this.#list('images', 'images', imageSchema);
  }

  /** `reference` is a tag or a digest. */
  async deleteImage(repository: string, reference: string): Promise<void> {
    await this.#client.json({ method: 'DELETE', path: `${root}/images`, query: { repository, reference } });
  }

  /** The log's text; with `follow` it goes on until the signal aborts. */
  logs({ runtimeId, sessionId, tail, follow, signal }: LogQuery): Promise<ApiAnswer> {
    return this.#client.send({
      method: 'GET',
      path: `${root}/logs`,
      query: { runtimeId, sessionId, tail: tail?.toString(), follow: follow === true ? 'true' : undefined },
      ...(signal !== undefined && { signal }),
    });
  }

  async #list<Item>(
    path: string,
    member: string,
    schema: z.ZodType<Item>,
    query: Readonly<Record<string, string | undefined>> = {},
  ): Promise<Item[]> {
    const items: Item[] = [];
    let nextToken: string | undefined;
    do {
      const answer = z
        .looseObject({ nextToken: z.string().nullish() })
        .parse(
          await this.#client.json({ method: 'GET', path: `${root}/${path}`, query: { ...query, nextToken } }),
        );
      items.push(...z.array(schema).parse(answer[member]));
      nextToken = answer.nextToken ?? undefined;
    } while (nextToken !== undefined);
    return items;
  }
}
