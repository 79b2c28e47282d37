import { BerthError } from '../../shared/errors.ts';
import type { Scope } from '../../shared/ids.ts';
import type {
  ApiKeyProvider,
  CredentialProvider,
  CredentialProviders,
  OauthProvider,
} from './credential-provider.ts';
import { isSamePlace } from './oauth-settings.ts';
import type { ProviderSecrets } from './provider-secrets.ts';
import type { ProviderStore } from './provider-store.ts';
import { mayUseProvider } from './provider-workloads.ts';
import { providerNotFound } from './providers.ts';
import { oauthProviderOf } from './stored-provider.ts';

export interface KeptProvidersParts {
  readonly store: Pick<ProviderStore, 'find' | 'findByCallback' | 'tags'>;
  readonly secrets: Pick<ProviderSecrets, 'open'>;
  /** The ARN that a provider's tags are kept under. */
  readonly arnOf: (scope: Scope, kind: CredentialProvider['kind'], name: string) => string;
}

/** Providers as the flows use them: what is stored, with what vendors add. */
export class KeptCredentialProviders implements CredentialProviders {
  readonly #store: KeptProvidersParts['store'];
  readonly #secrets: KeptProvidersParts['secrets'];
  readonly #arnOf: KeptProvidersParts['arnOf'];

  constructor({ store, secrets, arnOf }: KeptProvidersParts) {
    this.#store = store;
    this.#secrets = secrets;
    this.#arnOf = arnOf;
  }

  async findApiKey(scope: Scope, name: string): Promise<ApiKeyProvider> {
    const provider = await this.#store.find(scope, 'api-key', name);
    if (provider === undefined) throw providerNotFound(scope, 'api-key', name);
    return provider;
  }

  async findOauth(scope: Scope, name: string): Promise<OauthProvider> {
    const provider = await this.#store.find(scope, 'oauth2', name);
    if (provider === undefined) throw providerNotFound(scope, 'oauth2', name);
    return oauthProviderOf(provider);
  }

  async findByCallback(callbackId: string): Promise<OauthProvider | undefined> {
    const provider = await this.#store.findByCallback(callbackId);
    return provider && oauthProviderOf(provider);
  }

  async requireUse(provider: CredentialProvider, workload: string): Promise<void> {
    const tags = await this.#store.tags(this.#arnOf(provider, provider.kind, provider.name));
    if (mayUseProvider(tags, workload)) return;
    throw new BerthError(
      'access-denied',
      `Workload identity ${workload} may not use the credential provider ${provider.name}, which is kept to others. Add its name to the provider's tag 'berth:workloads'.`,
    );
  }

  /**
   * Looks again: since the caller found the provider, its secret may have been rotated, or the provider deleted, or pointed at another
   * server, whose secret the caller would send to the old one.
   */
  async secretOf(provider: CredentialProvider): Promise<string> {
    const stored = await this.#store.find(provider, provider.kind, provider.name);
    if (stored?.id !== provider.id) throw providerNotFound(provider, provider.kind, provider.name);
    if (stored.kind === 'oauth2' && provider.kind === 'oauth2') {
      const { discovery } = oauthProviderOf(stored);
      if (!isSamePlace(discovery, provider.discovery)) throw moved(provider);
    }
    return this.#secrets.open(stored);
  }
}

function moved({ name }: CredentialProvider): BerthError {
  return new BerthError(
    'access-denied',
    `The credential provider ${name} was pointed at another authorization server meanwhile. Ask again.`,
  );
}
