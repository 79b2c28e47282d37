import type { Clock } from '../../shared/clock.ts';
import { BerthError, invalidField } from '../../shared/errors.ts';
import { randomText, type RandomSource, type Scope } from '../../shared/ids.ts';
import type { Vault } from '../vault/vault.ts';
import { leadsElsewhere, type OauthSettings } from './oauth-settings.ts';
import { type GivenSecret, type ProviderSecrets, whileSealing } from './provider-secrets.ts';
import type { ProviderStore } from './provider-store.ts';
import type {
  ProviderKind,
  StoredApiKeyProvider,
  StoredOauthProvider,
  StoredProvider,
} from './stored-provider.ts';

export interface ProvidersParts {
  readonly store: ProviderStore;
  readonly secrets: Pick<ProviderSecrets, 'keep' | 'requireOpenable'>;
  readonly vault: Pick<Vault, 'createKey' | 'destroyKey'>;
  readonly grants: ProviderGrants;
  /** Runs work whose writes, those of other parts included, are on disk as a whole or not at all. */
  readonly asOne: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** By kind the providers, and the secrets of all kinds that the vault keeps, that an account may have in a region. */
  readonly quotas: Readonly<Record<ProviderKind | 'managedSecrets', number>>;
  readonly clock: Clock;
  readonly random: RandomSource;
  /** The ARN that a provider's tags are kept under. */
  readonly arnOf: (scope: Scope, kind: ProviderKind, name: string) => string;
}

/** What users granted through providers. */
export interface ProviderGrants {
  /** Forgets all that came through a provider, consents under way included. Its writes join the caller's transaction. */
  revokeAllOf(providerId: string): Promise<void>;
}

/** What every provider is made of. */
interface NewProvider {
  readonly secret: GivenSecret;
  readonly tags: Readonly<Record<string, string>>;
}

type Common = Omit<StoredApiKeyProvider, 'kind'>;

type OfKind<Kind extends ProviderKind> = Extract<StoredProvider, { kind: Kind }>;

/** Making, changing and removing credential providers (contract 2.4). */
export class Providers {
  readonly #parts: ProvidersParts;

  constructor(parts: ProvidersParts) {
    this.#parts = parts;
  }

  /** Throws `conflict` for a taken name, `quota-exceeded` and `resource-limit`, and as `ProviderSecrets.keep`. */
  createApiKey(scope: Scope, name: string, request: NewProvider): Promise<StoredApiKeyProvider> {
    return this.#create(scope, name, request, (common) => ({ ...common, kind: 'api-key' }), 'api-key');
  }

  /** The same. */
  createOauth(
    scope: Scope,
    name: string,
    { settings, ...request }: NewProvider & { readonly settings: OauthSettings },
  ): Promise<StoredOauthProvider> {
    const callbackId = newUuid(this.#parts.random);
    return this.#create(
      scope,
      name,
      request,
      (common) => ({ ...common, kind: 'oauth2', settings, callbackId }),
      'oauth2',
    );
  }

  /** Throws `not-found`, and `decryption-failed` when the secret that is kept is of no use any more. */
  async show<Kind extends ProviderKind>(scope: Scope, kind: Kind, name: string): Promise<OfKind<Kind>> {
    const provider = await this.#find(scope, kind, name);
    if (provider.secret.kind === 'managed') await this.#parts.secrets.requireOpenable(provider);
    return provider;
  }

  /** By name. */
  list<Kind extends ProviderKind>(
    scope: Scope,
    kind: Kind,
    query: { readonly limit: number; readonly after: string | undefined },
  ): Promise<readonly OfKind<Kind>[]> {
    return this.#parts.store.list(scope, kind, query);
  }

  /**
   * From then on the new key is given out. Throws `not-found`, `conflict` when another update was faster, `quota-exceeded` (the model has no
   * `resource-limit` here), and as `ProviderSecrets.keep`.
   */
  async updateApiKey(scope: Scope, name: string, secret: GivenSecret): Promise<StoredApiKeyProvider> {
    const known = await this.#find(scope, 'api-key', name);
    const changed = { ...this.#next(known), ...(await this.#parts.secrets.keep(known, secret)) };
    await this.#replace(changed);
    return changed;
  }

  /**
   * Changes settings and secret together; grants stay good. Without a secret the one that is kept goes on, unless it would be sent to another
   * place than before. A provider that leads to another place loses its grants. Throws as `updateApiKey`, and `decryption-failed`.
   */
  async updateOauth(
    scope: Scope,
    name: string,
    {
      settings,
      secret,
      secretMember,
    }: {
      readonly settings: OauthSettings;
      readonly secret: GivenSecret | undefined;
      /** Where the request would hold the secret. */
      readonly secretMember: string;
    },
  ): Promise<StoredOauthProvider> {
    const { secrets, grants, asOne } = this.#parts;
    const known = await this.#find(scope, 'oauth2', name);
    const isElsewhere = leadsElsewhere(known.settings, settings);
    if (secret === undefined) {
      requireKept(known, secretMember, isElsewhere);
      await secrets.requireOpenable(known);
    }
    const kept = secret && (await secrets.keep(known, secret));
    const changed: StoredOauthProvider = { ...this.#next(known), settings, ...kept };
    await asOne(async () => {
      await this.#replace(changed);
      if (isElsewhere) await grants.revokeAllOf(known.id);
    });
    return changed;
  }

  /** Throws `not-found`. Once it answers, nothing that came through the provider opens any more. */
  async delete(scope: Scope, kind: ProviderKind, name: string): Promise<void> {
    const { store, vault, grants, asOne, arnOf } = this.#parts;
    await asOne(async () => {
      const { id } = await this.#find(scope, kind, name);
      await grants.revokeAllOf(id);
      await store.remove(scope, kind, name, arnOf(scope, kind, name));
      await vault.destroyKey(id);
    });
  }

  async #create<Provider extends StoredProvider>(
    scope: Scope,
    name: string,
    { secret, tags }: NewProvider,
    make: (common: Common) => Provider,
    kind: Provider['kind'],
  ): Promise<Provider> {
    const { store, secrets, vault, quotas, clock, random, arnOf } = this.#parts;
    if ((await store.find(scope, kind, name)) !== undefined) throw nameTaken(kind, name);
    const id = `cp-${randomText(random, 22)}`;
    await whileSealing(() => vault.createKey(scope, id));
    try {
      const { accountId, region } = scope;
      const nowMs = clock.now();
      const times = { createdAtMs: nowMs, lastUpdatedAtMs: nowMs };
      const kept = await secrets.keep({ id, kind }, secret);
      const provider = make({ accountId, region, id, name, ...kept, revision: 1, ...times });
      const result = await store.insert(
        provider,
        { arn: arnOf(scope, kind, name), tags },
        { providers: quotas[kind], managedSecrets: quotas.managedSecrets },
      );
      if (result === 'name-taken') throw nameTaken(kind, name);
      if (result === 'too-many') throw tooMany(kind, quotas[kind]);
      if (result === 'too-many-secrets') throw tooManySecrets('resource-limit', quotas.managedSecrets);
      return provider;
    } catch (error) {
      await vault.destroyKey(id);
      throw error;
    }
  }

  async #find<Kind extends ProviderKind>(scope: Scope, kind: Kind, name: string): Promise<OfKind<Kind>> {
    const provider = await this.#parts.store.find(scope, kind, name);
    if (provider === undefined) throw providerNotFound(scope, kind, name);
    return provider;
  }

  async #replace(changed: StoredProvider): Promise<void> {
    const { store, quotas } = this.#parts;
    const result = await store.replace(changed, quotas);
    if (result === 'overtaken') throw overtaken(changed.name);
    if (result === 'too-many-secrets') throw tooManySecrets('quota-exceeded', quotas.managedSecrets);
  }

  #next<Provider extends StoredProvider>(known: Provider): Provider {
    return { ...known, revision: known.revision + 1, lastUpdatedAtMs: this.#parts.clock.now() };
  }
}

const words = {
  'api-key': { kind: 'API key credential provider', list: 'ListApiKeyCredentialProviders' },
  oauth2: { kind: 'OAuth2 credential provider', list: 'ListOauth2CredentialProviders' },
} as const;

export function providerNotFound(scope: Scope, kind: ProviderKind, name: string): BerthError {
  return new BerthError(
    'not-found',
    `There is no ${words[kind].kind} ${name} in account ${scope.accountId}, region ${scope.region}. ${words[kind].list} names those that exist.`,
  );
}

/** A secret is sent only to those for whom it was given: who may change a provider need not know its secret. */
function requireKept(known: StoredProvider, member: string, isElsewhere: boolean): void {
  if (known.secret.kind === 'none')
    throw invalidField(member, `The credential provider ${known.name} has no secret yet. Give one.`);
  if (isElsewhere)
    throw invalidField(
      member,
      `The credential provider ${known.name} is to use another authorization server than before, which would be sent the secret that is kept. Give the secret for it.`,
    );
}

function nameTaken(kind: ProviderKind, name: string): BerthError {
  return new BerthError(
    'conflict',
    `An ${words[kind].kind} named ${name} already exists. Choose another name, or update that one.`,
  );
}

function tooMany(kind: ProviderKind, limit: number): BerthError {
  return new BerthError(
    'quota-exceeded',
    `The account has reached its limit of ${limit} ${words[kind].kind}s in this region. Delete some, or raise the server's quota.`,
  );
}

function tooManySecrets(code: 'resource-limit' | 'quota-exceeded', limit: number): BerthError {
  return new BerthError(
    code,
    `The vault keeps ${limit} secrets of credential providers of this account and region already, which is the most it may. Delete some providers, keep the secret yourself (EXTERNAL), or raise the server's quota.`,
  );
}

function overtaken(name: string): BerthError {
  return new BerthError(
    'conflict',
    `The credential provider ${name} was changed or deleted at the same time. Look at it, and try again.`,
  );
}

/** Version 4 (RFC 9562). */
function newUuid(random: RandomSource): string {
  const hex = Buffer.from(random(16)).toString('hex');
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-');
}
