import { decodeJwt } from 'jose';
import type { Clock } from '../../shared/clock.ts';
import type { Scope } from '../../shared/ids.ts';
import { userKey, type WorkloadClaims } from '../tokens/workload-token.ts';
import type { Vault } from '../vault/vault.ts';
import { digestOf } from './token-wish.ts';

/** Users' own tokens, kept for as long as a workload token that was made from them may live: token exchange needs them. */
export interface SubjectTokens {
  /** To be called whenever a user's proven JWT leads to a workload token, a kept one, too; the newest JWT counts. Cheap for the same one. */
  keep(claims: WorkloadClaims, userToken: string): Promise<void>;
  /** What is kept for the claims that a caller has shown is kept for those of whom it called, too, until the same time; nothing without one. */
  passOn(from: WorkloadClaims, to: WorkloadClaims): Promise<void>;
  /** The token that the user came with, unless there was none or it has expired. */
  userTokenOf(claims: WorkloadClaims): Promise<string | undefined>;
}

export interface SubjectTokenStore {
  put(row: {
    readonly id: string;
    readonly scope: Scope;
    readonly workload: string;
    readonly sealed: string;
    readonly expiresAtMs: number;
  }): Promise<void>;
  find(id: string): Promise<{ readonly sealed: string; readonly expiresAtMs: number } | undefined>;
  removeExpired(nowMs: number): Promise<void>;
}

export interface SubjectTokensParts {
  readonly store: SubjectTokenStore;
  readonly vault: Pick<Vault, 'createKey' | 'seal' | 'open'>;
  readonly clock: Clock;
}

/** Of a workload token (contract 3.2). */
const keptMs = 30 * 60_000;

const mostRemembered = 10_000;

export function createSubjectTokens({ store, vault, clock }: SubjectTokensParts): SubjectTokens {
  /** What this process has kept of sessions, by id: their calls come with the same token again and again. */
  const remembered = new Map<string, { readonly token: string; readonly expiresAtMs: number }>();

  async function keepUntil(latestMs: number, claims: WorkloadClaims, userToken: string): Promise<void> {
    const binding = bindingOf(claims);
    if (binding === undefined) return;
    const id = digestOf(binding);
    const token = digestOf([userToken]);
    const nowMs = clock.now();
    const { exp = Infinity } = decodeJwt(userToken);
    const expiresAtMs = Math.min(exp * 1000, nowMs + keptMs, latestMs);
    const known = remembered.get(id);
    if (known?.token === token && known.expiresAtMs >= Math.min(expiresAtMs, nowMs + keptMs / 2)) return;
    const owner = ownerOf(claims);
    await vault.createKey(claims, owner);
    const sealed = await vault.seal(owner, binding, userToken);
    await store.put({ id, scope: claims, workload: claims.workload, sealed, expiresAtMs });
    if (claims.session === undefined) return;
    const [oldest] = remembered.keys();
    if (remembered.size >= mostRemembered && oldest !== undefined) remembered.delete(oldest);
    remembered.delete(id);
    remembered.set(id, { token, expiresAtMs });
  }

  async function keptFor(claims: WorkloadClaims) {
    const binding = bindingOf(claims);
    const found = binding && (await store.find(digestOf(binding)));
    if (binding === undefined || found === undefined || found.expiresAtMs <= clock.now()) return undefined;
    const userToken = await vault.open(ownerOf(claims), binding, found.sealed);
    return { userToken, expiresAtMs: found.expiresAtMs };
  }

  return {
    keep: (claims, userToken) => keepUntil(Infinity, claims, userToken),
    async passOn(from, to) {
      const kept = await keptFor(from);
      if (kept !== undefined) await keepUntil(kept.expiresAtMs, to, kept.userToken);
    },
    async userTokenOf(claims) {
      return (await keptFor(claims))?.userToken;
    },
  };
}

function ownerOf({ accountId, region }: Scope): string {
  return `subject-tokens:${accountId}:${region}`;
}

/** Of the very session and user; only those whom a token proved have one. */
function bindingOf(claims: WorkloadClaims): readonly string[] | undefined {
  const { accountId, region, workload, user, session } = claims;
  if (user === undefined || user.kind === 'named') return undefined;
  const place =
    session === undefined
      ? []
      : [session.runtimeId as string, session.sessionId as string, String(session.incarnation)];
  return ['subject-token', accountId, region, workload, userKey(user), ...place];
}
