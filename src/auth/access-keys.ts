import type { Clock } from '../shared/clock.ts';
import { randomText, type RandomSource, type Scope } from '../shared/ids.ts';
import { checkLimits } from './key-limits.ts';
import type { KeyLimits, KeyPrincipal, KeyRole } from './principal.ts';

/** What a caller signs with. Its secret is shown once, when it is made. */
export interface AccessKey extends Scope {
  /** `AKIA` and 16 upper-case alphanumerics, the form that AWS clients expect. */
  readonly id: string;
  readonly role: KeyRole;
  /** What its owner calls it; need not be unique. */
  readonly name: string;
  /** Undefined: every runtime. */
  readonly limits?: KeyLimits | undefined;
  readonly createdAtMs: number;
  readonly revokedAtMs: number | undefined;
}

export interface SecretAccessKey extends AccessKey {
  /** 40 characters. */
  readonly secret: string;
}

/** Where keys are kept; secrets are sealed there. */
export interface AccessKeyStore {
  /** Another number than before when another server may have changed a key since. Asked for each call. */
  foreignVersion(): number;
  insert(key: SecretAccessKey): Promise<void>;
  /** A key that is not revoked. */
  findActive(scope: Scope, id: string): Promise<SecretAccessKey | undefined>;
  /** The one that was made first among the admin keys that are not revoked. */
  findFirstActiveAdmin(scope: Scope): Promise<SecretAccessKey | undefined>;
  /** Revoked ones too, in the order they were made. */
  list(scope: Scope): Promise<readonly AccessKey[]>;
  /**
   * In one step, so that two calls at once cannot revoke the last two admin keys. Idempotent. Rejects with `not-found`, and
   * with `conflict` for the last admin key that is not revoked.
   */
  revoke(scope: Scope, id: string, atMs: number): Promise<void>;
}

export interface AccessKeysParts {
  readonly store: AccessKeyStore;
  readonly scope: Scope;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: RandomSource;
}

const upperAlphanumerics = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const secretCharacters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The keys of one account and region, those in use held in memory. */
export class AccessKeys {
  readonly #parts: AccessKeysParts;
  readonly #known = new Map<string, SecretAccessKey>();
  #revocations = 0;
  #foreignVersion: number | undefined;

  constructor(parts: AccessKeysParts) {
    this.#parts = parts;
  }

  /** A key that may be used now. */
  async find(id: string): Promise<SecretAccessKey | undefined> {
    const { store, scope } = this.#parts;
    const version = store.foreignVersion();
    if (version !== this.#foreignVersion) this.#known.clear();
    this.#foreignVersion = version;
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const revocationsBefore = this.#revocations;
    const found = await store.findActive(scope, id);
    // What was read while a key was being revoked, here or elsewhere, may be that key.
    const isCurrent = revocationsBefore === this.#revocations && version === store.foreignVersion();
    if (found !== undefined && isCurrent) this.#known.set(id, found);
    return found;
  }

  /** Rejects with `validation` for limits that the key cannot have. */
  async create(role: KeyRole, name: string, limits: KeyLimits = {}): Promise<SecretAccessKey> {
    const { store, scope, clock, random } = this.#parts;
    const key: SecretAccessKey = {
      accountId: scope.accountId,
      region: scope.region,
      id: `AKIA${randomText(random, 16, upperAlphanumerics)}`,
      role,
      name,
      limits: checkLimits(role, limits),
      createdAtMs: clock.now(),
      revokedAtMs: undefined,
      secret: randomText(random, 40, secretCharacters),
    };
    await store.insert(key);
    return key;
  }

  /** Never with secrets. */
  list(): Promise<readonly AccessKey[]> {
    return this.#parts.store.list(this.#parts.scope);
  }

  /** From the next request on nobody can use it. Idempotent. Rejects with `not-found`, or `conflict` for the last admin key. */
  async revoke(id: string): Promise<void> {
    const { store, scope, clock } = this.#parts;
    await store.revoke(scope, id, clock.now());
    this.#revocations += 1;
    this.#known.delete(id);
  }

  /** The oldest admin key, made now when there is none; `isNew` then. The caller writes it where the owner of the machine finds it. */
  async ensureFirstAdminKey(): Promise<{ readonly key: SecretAccessKey; readonly isNew: boolean }> {
    const existing = await this.#parts.store.findFirstActiveAdmin(this.#parts.scope);
    if (existing !== undefined) return { key: existing, isNew: false };
    return { key: await this.create('admin', 'first'), isNew: true };
  }
}

/** Whoever has proven that they hold the key. */
export function principalOf({ id, name, role, limits, accountId, region }: AccessKey): KeyPrincipal {
  return { kind: 'access-key', accessKeyId: id, keyName: name, role, limits, accountId, region };
}
