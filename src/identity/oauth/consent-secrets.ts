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

/** What does not change of a consent: whose it is, what for, and by which link. */
type Place = Pick<
  Consent,
  | 'id'
  | 'linkDigest'
  | 'userDigest'
  | 'accountId'
  | 'region'
  | 'workload'
  | 'providerId'
  | 'callbackId'
  | 'grantId'
>;
type TokensVault = Pick<Vault, 'seal' | 'open'>;

/** The parts of a consent that are kept sealed, with their provider's key: they are gone with the provider. In a row that somebody changed they do not open. */
export class ConsentSecrets {
  readonly #vault: TokensVault;

  constructor({ vault }: { readonly vault: TokensVault }) {
    this.#vault = vault;
  }

  sealRequest(place: Place, request: ConsentRequest): Promise<string> {
    return this.#seal(place, ['consent-request'], request);
  }

  request(consent: Consent): Promise<ConsentRequest> {
    return this.#open<ConsentRequest>(consent, ['consent-request'], consent.sealedRequest);
  }

  sealExchange(place: Place, stateDigest: string, exchange: CodeExchange): Promise<string> {
    return this.#seal(place, ['consent-exchange', stateDigest], exchange);
  }

  exchange(place: Place, stateDigest: string, sealed: string): Promise<CodeExchange> {
    return this.#open<CodeExchange>(place, ['consent-exchange', stateDigest], sealed);
  }

  sealTokens(place: Place, tokens: TokenSet): Promise<string> {
    return this.#seal(place, ['consent-tokens'], tokens);
  }

  tokens(place: Place, sealed: string): Promise<TokenSet> {
    return this.#open<TokenSet>(place, ['consent-tokens'], sealed);
  }

  #seal(place: Place, what: readonly string[], secret: object): Promise<string> {
    return this.#vault.seal(place.providerId, [...what, ...bindingOf(place)], JSON.stringify(secret));
  }

  async #open<Secret>(place: Place, what: readonly string[], sealed: string): Promise<Secret> {
    const text = await this.#vault.open(place.providerId, [...what, ...bindingOf(place)], sealed);
    return JSON.parse(text) as Secret;
  }
}

function bindingOf(place: Place): readonly string[] {
  const { id, linkDigest, userDigest, accountId, region, workload, callbackId, grantId } = place;
  return [id, linkDigest, userDigest, accountId, region, workload, callbackId, grantId];
}
