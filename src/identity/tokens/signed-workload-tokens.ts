import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import type { RuntimeId, Scope, SessionId } from '../../shared/ids.ts';
import { identityNotFound } from '../workload-identities.ts';
import type { WorkloadIdentityStore } from '../workload-identity-store.ts';
import type { SigningKeys } from './signing-keys.ts';
import { tokenLifetimeMs } from './token-lifetime.ts';
import { fromPayload, toPayload } from './token-payload.ts';
import type { WorkloadClaims, WorkloadTokens } from './workload-token.ts';

export interface SignedWorkloadTokensParts {
  readonly identities: Pick<WorkloadIdentityStore, 'find'>;
  readonly keys: Pick<SigningKeys, 'current' | 'find'>;
  /** Whether that start of the session has not ended; a hibernated one lives. */
  readonly isLive: (runtimeId: RuntimeId, sessionId: SessionId, incarnation: number) => Promise<boolean>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Only Berth verifies what it signs here: a shared secret does, and makes shorter tokens than a pair of keys. */
const algorithm = 'HS256';
const longestToken = 16_384;

/** Workload tokens as signed texts (JWS, RFC 7515): nothing is kept of them. */
export class SignedWorkloadTokens implements WorkloadTokens {
  readonly #parts: SignedWorkloadTokensParts;

  constructor(parts: SignedWorkloadTokensParts) {
    this.#parts = parts;
  }

  async issue(claims: WorkloadClaims): Promise<string> {
    const { identities, keys, clock } = this.#parts;
    const identity = await identities.find(claims, claims.workload);
    if (identity === undefined) throw identityNotFound(claims, claims.workload);
    const { id: kid, key } = await keys.current();
    return new SignJWT(toPayload(claims, identity.incarnation))
      .setProtectedHeader({ alg: algorithm, kid })
      .setExpirationTime(Math.floor((clock.now() + tokenLifetimeMs) / 1000))
      .sign(key);
  }

  async verify(scope: Scope, token: string): Promise<WorkloadClaims> {
    const { identities, isLive } = this.#parts;
    const payload = fromPayload(await this.#proven(token));
    if (payload === undefined) throw notOurs();
    const { identityIncarnation, ...claims } = payload;
    if (claims.accountId !== scope.accountId || claims.region !== scope.region)
      throw refused('belongs to another account or region');
    const identity = await identities.find(scope, claims.workload);
    if (identity?.incarnation !== identityIncarnation)
      throw refused('belongs to a workload identity that was deleted');
    const { session } = claims;
    if (session !== undefined && !(await isLive(session.runtimeId, session.sessionId, session.incarnation)))
      throw refused('was handed to an agent whose session has ended');
    return claims;
  }

  /** What carries the token's claims is not kept as a cause. */
  async #proven(token: string): Promise<unknown> {
    const id = keyIdOf(token);
    const known = id === undefined ? undefined : await this.#parts.keys.find(id);
    if (known === undefined) throw notOurs();
    const currentDate = new Date(this.#parts.clock.now());
    const options = { algorithms: [algorithm], requiredClaims: ['exp'], currentDate };
    try {
      return (await jwtVerify(token, known.key, options)).payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw refused('has expired');
      if (error instanceof errors.JOSEError) throw notOurs();
      throw error;
    }
  }
}

function keyIdOf(token: string): string | undefined {
  if (token.length > longestToken || token.split('.').length !== 3) return undefined;
  try {
    const { kid } = decodeProtectedHeader(token);
    return typeof kid === 'string' ? kid : undefined;
  } catch {
    return undefined;
  }
}

function notOurs(): BerthError {
  return refused('is not one of this server, or was changed');
}

function refused(why: string): BerthError {
  return new BerthError(
    'access-denied',
    `The workload access token ${why}. An agent gets a new one with every invocation; elsewhere GetWorkloadAccessToken and its like give one.`,
  );
}
