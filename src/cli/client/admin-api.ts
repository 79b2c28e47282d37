import { z } from 'zod';
import { ApiError } from './api-error.ts';
import { type Load, loadSchema } from './load.ts';
import type { ApiAnswer, ServerClient } from './server-client.ts';
import { type KmsKey, kmsKeySchema, type VaultDetails, vaultSchema } from './vault-answers.ts';

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
  imageStore: z.looseObject({ usedPercent: z.number(), high: z.number(), low: z.number() }).optional(),
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
  runtimes: z.array(z.string()).optional(),
  tags: z.record(z.string(), z.string()).optional(),
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
  isFrozen: z.boolean().optional(),
  sandboxId: z.string().nullish(),
  startedAtMs: timeSchema,
  lastActivityAtMs: timeSchema,
  endedAtMs: timeSchema,
  endReason: z.string().nullish(),
});

const sessionStorageSchema = z.looseObject({
  sessionId: z.string(),
  runtimeId: z.string(),
  runtimeName: z.string().optional(),
  version: z.number(),
  sizeBytes: z.number(),
  usedBytes: z.number(),
  lastUsedAtMs: z.number(),
  keptUntilMs: z.number(),
});

const imageSchema = z.looseObject({
  repository: z.string(),
  tag: z.string().nullish(),
  digest: z.string(),
  sizeBytes: z.number().optional(),
  pushedAtMs: timeSchema,
});

/** Without a phase when a version is not being prepared now. */
const preparationSchema = z.looseObject({
  phase: z.string().optional(),
  /** Bytes, or layers while unpacking. */
  done: z.number().optional(),
  total: z.number().optional(),
  warning: z.string().optional(),
});

export type Preparation = z.infer<typeof preparationSchema>;
export type ServerStatus = z.infer<typeof serverSchema>;
export type Key = z.infer<typeof keySchema>;
export type SessionDetails = z.infer<typeof sessionSchema>;
export type SessionStorageDetails = z.infer<typeof sessionStorageSchema>;
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

  async createKey(key: {
    readonly name: string;
    readonly role: string;
    /** Limits: names of runtimes, `*` standing for any characters, and tags that they must have. */
    readonly runtimes?: readonly string[];
    readonly tags?: Readonly<Record<string, string>>;
  }): Promise<z.infer<typeof newKeySchema>> {
    return newKeySchema.parse(await this.#client.json({ method: 'POST', path: `${root}/keys`, body: key }));
  }

  async revokeKey(id: string): Promise<void> {
    await this.#client.json({ method: 'DELETE', path: `${root}/keys/${encodeURIComponent(id)}` });
  }

  async vault(): Promise<VaultDetails> {
    return vaultSchema.parse(await this.#client.json({ method: 'GET', path: `${root}/vault` }));
  }

  /** Resolves when the new key wraps; data keys are moved to it afterwards. */
  async rotateVault(): Promise<VaultDetails> {
    return vaultSchema.parse(await this.#client.json({ method: 'POST', path: `${root}/vault/rotate` }));
  }

  async kmsKeys(): Promise<KmsKey[]> {
    return this.#list('kms/keys', 'keys', kmsKeySchema);
  }

  async createKmsKey(spec: string, description: string | undefined): Promise<KmsKey> {
    const request = { method: 'POST', path: `${root}/kms/keys`, body: { spec, description } } as const;
    return kmsKeySchema.parse(await this.#client.json(request));
  }

  /** By its ARN or id. */
  async kmsKey(key: string): Promise<KmsKey> {
    const path = `${root}/kms/keys/${encodeURIComponent(key)}`;
    return kmsKeySchema.parse(await this.#client.json({ method: 'GET', path }));
  }

  async deleteKmsKey(key: string): Promise<void> {
    await this.#client.json({ method: 'DELETE', path: `${root}/kms/keys/${encodeURIComponent(key)}` });
  }

  /** Answers the new key's id. */
  async rotateSigningKey(): Promise<string> {
    const path = `${root}/identity/signing-key/rotate`;
    return z.looseObject({ keyId: z.string() }).parse(await this.#client.json({ method: 'POST', path }))
      .keyId;
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

  /** Files of sessions that outlive their sandboxes. */
  async sessionStorage(runtimeId: string | undefined): Promise<SessionStorageDetails[]> {
    return this.#list('session-storage', 'sessionStorage', sessionStorageSchema, { runtimeId });
  }

  /** Resolves when its sandbox is gone. */
  async stopSession(runtimeId: string, id: string): Promise<void> {
    const path = `${root}/sessions/${encodeURIComponent(runtimeId)}/${encodeURIComponent(id)}/stop`;
    await this.#client.json({ method: 'POST', path });
  }

  /** Resolves when no sandbox without a session is left; none is kept ready from then on. */
  async closePools(): Promise<void> {
    try {
      await this.#client.json({ method: 'POST', path: `${root}/pools/close` });
    } catch (error) {
      // A server of an older version has none.
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
  }

  /** What runs now, what it takes, and what waits. */
  async load(): Promise<Load> {
    return loadSchema.parse(await this.#client.json({ method: 'GET', path: `${root}/load` }));
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
