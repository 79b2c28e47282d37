import type { WorkloadUser } from '../tokens/workload-token.ts';
import type { Vault } from '../vault/vault.ts';
import type { Consent } from './consent.ts';
import type { TokenSet } from './token-set.ts';
import type { TokenWish } from './token-wish.ts';

/** What a consent was asked with. */
export interface ConsentRequest {
  readonly sessionUri: string;
  readonly user: WorkloadUser;
  readonly wish: TokenWish;
  readonly customParameters: Readonly<Record<string, string>>;
  readonly returnUrl: string;
  readonly customState: string | undefined;
  /** The provider is to ask the user again, whatever it remembers. */
  readonly isForced: boolean;
}

/** What only the browser that is at the provider now, and nobody else's code, fits. */
export interface CodeExchange {
  readonly codeVerifier: string;
  readonly nonce: string | undefined;
}

type Place = Pick<Consent, 'id' | 'providerId'>;
type TokensVault = Pick<Vault, 'seal' | 'open'>;

/** The parts of a consent that are kept sealed, with their provider's key: they are gone with the provider. */
export class ConsentSecrets {
  readonly #vault: TokensVault;

  constructor({ vault }: { readonly vault: TokensVault }) {
    this.#vault = vault;
  }

  sealRequest({ id, providerId }: Place, request: ConsentRequest): Promise<string> {
    return this.#vault.seal(providerId, ['consent-request', id], JSON.stringify(request));
  }

  async request({ id, providerId, sealedRequest }: Consent): Promise<ConsentRequest> {
    const text = await this.#vault.open(providerId, ['consent-request', id], sealedRequest);
    return JSON.parse(text) as ConsentRequest;
  }

  sealExchange({ id, providerId }: Place, stateDigest: string, exchange: CodeExchange): Promise<string> {
    return this.#vault.seal(providerId, ['consent-exchange', id, stateDigest], JSON.stringify(exchange));
  }

  async exchange({ id, providerId }: Place, stateDigest: string, sealed: string): Promise<CodeExchange> {
    const text = await this.#vault.open(providerId, ['consent-exchange', id, stateDigest], sealed);
    return JSON.parse(text) as CodeExchange;
  }

  sealTokens({ id, providerId }: Place, tokens: TokenSet): Promise<string> {
    return this.#vault.seal(providerId, ['consent-tokens', id], JSON.stringify(tokens));
  }

  async tokens({ id, providerId }: Place, sealed: string): Promise<TokenSet> {
    return JSON.parse(await this.#vault.open(providerId, ['consent-tokens', id], sealed)) as TokenSet;
  }
}
