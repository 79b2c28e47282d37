import type { CredentialProvider, OauthProvider, SecretSource } from './credential-provider.ts';
import { completeSettings, type OauthSettings } from './oauth-settings.ts';
import type { Scope } from '../../shared/ids.ts';

export type ProviderKind = CredentialProvider['kind'];

/** A provider as it is kept. */
export type StoredProvider = StoredApiKeyProvider | StoredOauthProvider;

interface Stored extends Scope {
  readonly id: string;
  readonly name: string;
  readonly secret: SecretSource;
  /** Of a managed one. */
  readonly sealedSecret: string | undefined;
  /** Counts changes, from 1. */
  readonly revision: number;
  readonly createdAtMs: number;
  readonly lastUpdatedAtMs: number;
}

export interface StoredApiKeyProvider extends Stored {
  readonly kind: 'api-key';
}

export interface StoredOauthProvider extends Stored {
  readonly kind: 'oauth2';
  readonly settings: OauthSettings;
  readonly callbackId: string;
}

/** With what its vendor adds. */
export function oauthProviderOf(stored: StoredOauthProvider): OauthProvider {
  const { settings, sealedSecret: _sealed, revision: _revision, ...provider } = stored;
  const { vendor, clientId } = settings;
  return { ...provider, vendor, clientId, ...completeSettings(settings) };
}
