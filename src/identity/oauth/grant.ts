import type { Scope } from '../../shared/ids.ts';
import { userKey, type WorkloadUser } from '../tokens/workload-token.ts';
import { digestOf, type TokenWish } from './token-wish.ts';

/** Whose a grant is and what for. Two that differ in any of it have nothing of one another. */
export interface GrantKey extends Scope {
  readonly id: string;
  readonly workload: string;
  readonly providerId: string;
  readonly wish: TokenWish;
  /** What its tokens are sealed for. */
  readonly binding: readonly string[];
}

/** Tokens of a user in a workload's hands, sealed. */
export interface Grant {
  readonly id: string;
  /** Another one whenever the tokens change. */
  readonly version: string;
  readonly sealedTokens: string;
  /** Undefined: the provider did not say. */
  readonly expiresAtMs: number | undefined;
  /** Undefined: never. */
  readonly renewAtMs: number | undefined;
}

export function grantKeyOf(
  scope: Scope,
  workload: string,
  user: WorkloadUser,
  providerId: string,
  wish: TokenWish,
): GrantKey {
  const { accountId, region } = scope;
  const { scopes, resources, audiences } = wish;
  const wished = [scopes, resources, audiences].map((texts) => JSON.stringify(texts));
  const binding = ['grant', accountId, region, workload, userKey(user), providerId, ...wished];
  return { accountId, region, id: digestOf(binding), workload, providerId, wish, binding };
}

export interface GrantStore {
  find(id: string): Promise<Grant | undefined>;
  /** Takes the right to refresh this version until then; false when somebody else has it or the version is gone. */
  lease(
    grant: Pick<Grant, 'id' | 'version'>,
    holder: string,
    nowMs: number,
    untilMs: number,
  ): Promise<boolean>;
  /** In place of that version, whose lease ends; false when it is gone. */
  replace(version: string, grant: Grant, nowMs: number): Promise<boolean>;
  /** Gives the lease back. */
  release(grant: Pick<Grant, 'id' | 'version'>, holder: string): Promise<void>;
  remove(grant: Pick<Grant, 'id' | 'version'>): Promise<void>;
  removeOfProvider(providerId: string): Promise<void>;
}
