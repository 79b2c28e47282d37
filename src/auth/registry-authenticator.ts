import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';
import { actions as rules } from './actions.ts';
import { type AccessKeys, principalOf, type SecretAccessKey } from './access-keys.ts';
import { isRepositoryWithin } from './key-limits.ts';
import type { KeyPrincipal, KeyRole } from './principal.ts';
import type { RegistryTokens } from './registry-token.ts';
import { createSignedTokens, type SignedTokens } from './signed-token.ts';

export type RegistryAction = 'pull' | 'push' | 'delete';

/** What a bearer token allows on one repository. */
export interface RegistryScope {
  readonly repository: string;
  readonly actions: readonly RegistryAction[];
}

export interface RegistryBearer {
  readonly token: string;
  readonly expiresInS: number;
  /** The part of what was asked for that the caller's role and limits allow. */
  readonly scopes: readonly RegistryScope[];
}

export interface RegistryAuthenticatorParts {
  readonly accessKeys: Pick<AccessKeys, 'find'>;
  readonly registryTokens: Pick<RegistryTokens, 'open'>;
  readonly serverSecret: Uint8Array;
  readonly clock: Pick<Clock, 'now'>;
}

const bearerPayload = z.object({
  accessKeyId: z.string(),
  scopes: z.array(z.object({ repository: z.string(), actions: z.array(z.enum(['pull', 'push', 'delete'])) })),
});

/** As authorisation knows them. */
export const registryActionNames = {
  pull: 'berth:PullImage',
  push: 'berth:PushImage',
  delete: 'berth:DeleteImage',
} as const satisfies Record<RegistryAction, string>;

/** Who is calling the registry: Basic credentials at the token endpoint, bearer tokens everywhere else. */
export class RegistryAuthenticator {
  readonly #parts: RegistryAuthenticatorParts;
  readonly #bearers: SignedTokens<z.infer<typeof bearerPayload>>;

  constructor(parts: RegistryAuthenticatorParts) {
    this.#parts = parts;
    this.#bearers = createSignedTokens({
      serverSecret: parts.serverSecret,
      purpose: 'registry bearer',
      payload: bearerPayload,
    });
  }

  /**
   * User `AWS` with a registry token, or an access key id with its secret: the latter only when `isPrivate` says that nobody
   * else can read the connection (loopback or TLS). Rejects with `unauthorized`.
   */
  async verifyBasic(
    username: string,
    password: string,
    connection: { readonly isPrivate: boolean },
  ): Promise<KeyPrincipal> {
    if (username === 'AWS') {
      const accessKeyId = this.#parts.registryTokens.open(password);
      if (accessKeyId === undefined) {
        throw refused("The registry token is not valid or has expired. Get one with 'berth registry token'.");
      }
      return principalOf(await this.#findKey(accessKeyId));
    }
    if (!connection.isPrivate) {
      throw refused(
        "Over a plain connection the registry does not take secret keys. Log in as user AWS with the token of 'berth registry token'.",
      );
    }
    const key = await this.#parts.accessKeys.find(username);
    if (key === undefined || !isSameText(key.secret, password)) {
      throw refused(
        "User or password is wrong. Log in as user AWS with the token of 'berth registry token'.",
      );
    }
    return principalOf(key);
  }

  issueBearer(principal: KeyPrincipal, asked: readonly RegistryScope[], ttlMs: number): RegistryBearer {
    const scopes = asked.map(({ repository, actions }) => ({
      repository,
      actions: isRepositoryWithin(principal.limits, repository)
        ? actions.filter((action) => rolesOf(action).includes(principal.role))
        : [],
    }));
    const token = this.#bearers.sign(
      { accessKeyId: principal.accessKeyId, scopes },
      this.#parts.clock.now() + ttlMs,
    );
    return { token, expiresInS: Math.floor(ttlMs / 1000), scopes };
  }

  /** Rejects with `unauthorized` when the token is not ours, has expired, or its key was revoked. */
  async verifyBearer(
    token: string,
  ): Promise<{ readonly principal: KeyPrincipal; readonly scopes: readonly RegistryScope[] }> {
    const payload = this.#bearers.open(token, this.#parts.clock.now());
    if (payload === undefined) throw refused('The bearer token is not valid or has expired.');
    const { accessKeyId, scopes } = payload;
    return { principal: principalOf(await this.#findKey(accessKeyId)), scopes };
  }

  async #findKey(accessKeyId: string): Promise<SecretAccessKey> {
    const key = await this.#parts.accessKeys.find(accessKeyId);
    if (key === undefined) throw refused(`The access key ${accessKeyId} of this token was revoked.`);
    return key;
  }
}

function rolesOf(action: RegistryAction): readonly KeyRole[] {
  return rules.get(registryActionNames[action])?.roles ?? [];
}

function isSameText(expected: string, given: string): boolean {
  const [a, b] = [expected, given].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

function refused(message: string): BerthError {
  return new BerthError('unauthorized', message);
}
