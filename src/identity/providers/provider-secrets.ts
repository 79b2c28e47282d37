import { BerthError, invalidField } from '../../shared/errors.ts';
import type { Vault } from '../vault/vault.ts';
import type { SecretSource } from './credential-provider.ts';
import type { ExternalSecrets } from './secret-folder.ts';
import type { StoredProvider } from './stored-provider.ts';

/** A secret as it is handed in. */
export type GivenSecret =
  | { readonly kind: 'managed'; readonly value: string }
  | {
      readonly kind: 'external';
      readonly secretId: string;
      readonly jsonKey: string;
      /** Member of the request. */ readonly member: string;
    }
  | { readonly kind: 'none' };

export interface ProviderSecretsParts {
  readonly vault: Vault;
  readonly external: ExternalSecrets;
}

/** How a provider keeps a secret. */
type Kept = Pick<StoredProvider, 'secret' | 'sealedSecret'>;

/** Secrets of providers, sealed under the provider's own key or read where the user keeps them. */
export class ProviderSecrets {
  readonly #parts: ProviderSecretsParts;

  constructor(parts: ProviderSecretsParts) {
    this.#parts = parts;
  }

  /** What to keep of a secret. Throws as `whileSealing`; for an external one `not-found` when it is not there, `validation` when it cannot be read. */
  async keep({ id, kind }: Pick<StoredProvider, 'id' | 'kind'>, given: GivenSecret): Promise<Kept> {
    switch (given.kind) {
      case 'managed': {
        const { vault } = this.#parts;
        const sealedSecret = await whileSealing(() => vault.seal(id, bindingOf(kind), given.value));
        return { secret: { kind: 'managed' }, sealedSecret };
      }
      case 'external': {
        const { secretId, jsonKey, member } = given;
        const found = await this.#parts.external.read(secretId, jsonKey);
        if (found.kind === 'missing') throw new BerthError('not-found', found.message);
        if (found.kind === 'problem') throw invalidField(member, found.message);
        return { secret: { kind: 'external', secretId, jsonKey }, sealedSecret: undefined };
      }
      case 'none':
        return { secret: { kind: 'none' }, sealedSecret: undefined };
    }
  }

  /** Throws as `CredentialProviders.secretOf`. */
  async open({ id, kind, name, secret, sealedSecret }: StoredProvider): Promise<string> {
    if (secret.kind === 'external') return this.#readExternal(name, secret);
    if (secret.kind === 'managed' && sealedSecret !== undefined)
      return this.#parts.vault.open(id, bindingOf(kind), sealedSecret);
    throw new BerthError(
      'validation',
      `The credential provider ${name} has no secret: a private key proves its client.`,
    );
  }

  /** Throws `decryption-failed` when what is kept is of no use any more. */
  async requireOpenable(provider: StoredProvider): Promise<void> {
    if (provider.secret.kind === 'none') return;
    await this.open(provider).catch((error: unknown) => {
      if (!(error instanceof BerthError) || !['internal', 'unavailable'].includes(error.code)) throw error;
      throw new BerthError(
        'decryption-failed',
        `The secret that the credential provider ${provider.name} keeps cannot be opened. Try again when the vault's keys are there; if they are lost, update the provider with its secret, or delete it and make it anew.`,
        { cause: error },
      );
    });
  }

  async #readExternal(
    name: string,
    { secretId, jsonKey }: Extract<SecretSource, { kind: 'external' }>,
  ): Promise<string> {
    const found = await this.#parts.external.read(secretId, jsonKey);
    if (found.kind === 'secret') return found.value;
    throw new BerthError(
      'validation',
      `The secret of the credential provider ${name} cannot be read. ${found.message}`,
    );
  }
}

/**
 * Runs what seals. Throws `encryption-failed` when the keeper of the vault's keys does not answer, `decryption-failed` when a key that is kept
 * wrapped cannot be opened: Secrets Manager, whose errors the model passes on, tells these apart in the same way.
 */
export async function whileSealing<Result>(seal: () => Promise<Result>): Promise<Result> {
  try {
    return await seal();
  } catch (error) {
    const code = error instanceof BerthError ? error.code : undefined;
    if (code === 'unavailable')
      throw new BerthError(
        'encryption-failed',
        "The secret could not be sealed: the keeper of the vault's keys does not answer. Nothing was kept; try again.",
        { cause: error },
      );
    if (code === 'internal')
      throw new BerthError(
        'decryption-failed',
        "The secret could not be sealed: the vault's key for it cannot be opened. Nothing was kept. Have the server's operator restore the keys; if they are lost, delete the provider and make it anew.",
        { cause: error },
      );
    throw error;
  }
}

function bindingOf(kind: StoredProvider['kind']): readonly string[] {
  return ['provider-secret', kind];
}
