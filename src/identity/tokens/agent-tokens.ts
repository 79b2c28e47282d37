import { shownClaims, type TokenBearer } from './shown-claims.ts';
import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import type { HeldToken } from '../../shared/held-token.ts';
import type { Scope } from '../../shared/ids.ts';
import type { WorkloadIdentityStore } from '../workload-identity-store.ts';
import { userKey, type WorkloadClaims, type WorkloadTokens, type WorkloadUser } from './workload-token.ts';

/** Where a user's own token is: it came with the call, or is kept for whoever handed the user on, whose claims these are. */
export type UserTokenSource = HeldToken | WorkloadClaims;

/** Who is behind a call into an agent. */
export interface OnBehalf {
  readonly user: WorkloadUser;
  /** Workloads that passed the user's wish on, the first one first. */
  readonly actors: readonly string[];
  /** What the user came with, where a token of the user's own proved who it is. */
  readonly userToken?: UserTokenSource | undefined;
}

/** A call into an agent that is about to be made. */
export interface AgentCall {
  readonly scope: Scope;
  /** Name of the runtime's own workload identity. */
  readonly workload: string;
  readonly session: NonNullable<WorkloadClaims['session']>;
  readonly onBehalf: OnBehalf;
}

/** What the agent gets with the call. */
export interface HandedToken {
  readonly token: string;
  /** Where OAuth flows send users back to unless the agent says otherwise: the first of the identity's return URLs. */
  readonly callbackUrl: string | undefined;
}

export interface AgentTokensParts {
  readonly tokens: WorkloadTokens;
  readonly identities: Pick<WorkloadIdentityStore, 'find'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Keeps what users came with, for agents that exchange it. Never rejects, nor takes long: the call waits. */
  readonly keepUserToken: (claims: WorkloadClaims, userToken: UserTokenSource) => Promise<void>;
}

/** So that an agent has a token for 25 minutes at the least, however long a call takes to come. */
const renewAfterMs = 5 * 60_000;
const mostKept = 10_000;
/** A chain may lead in circles, but not for ever. */
export const longestChain = 10;

/** Tokens on their way into agents, and those that agents show when they call others. */
export class AgentTokens {
  readonly #parts: AgentTokensParts;
  /** The one used longest ago first. */
  readonly #kept = new Map<string, HandedToken & { readonly issuedAtMs: number }>();
  #changes = 0;

  constructor(parts: AgentTokensParts) {
    this.#parts = parts;
  }

  /** From memory for the same user of the same session. Rejects as `WorkloadTokens.issue` does. */
  handOut(call: AgentCall): HandedToken | Promise<HandedToken> {
    const { userToken } = call.onBehalf;
    if (userToken === undefined) return this.#handOut(call);
    return this.#parts.keepUserToken(claimsOf(call), userToken).then(() => this.#handOut(call));
  }

  #handOut(call: AgentCall): HandedToken | Promise<HandedToken> {
    const key = keyOf(call);
    const known = this.#kept.get(key);
    if (known === undefined) return this.#issue(key, call);
    this.#kept.delete(key);
    if (Math.abs(this.#parts.clock.now() - known.issuedAtMs) >= renewAfterMs) return this.#issue(key, call);
    this.#kept.set(key, known);
    return known;
  }

  /**
   * Who is behind a call by the holder of `token`: its user, and its workload after those before it; no user when the token has
   * none. Rejects as `WorkloadTokens.verify` does, and with `validation` when the chain is too long.
   */
  async receive(
    bearer: TokenBearer,
    token: string,
  ): Promise<Omit<OnBehalf, 'user'> & { readonly user: WorkloadUser | undefined }> {
    const claims = await shownClaims(this.#parts.tokens, bearer, token);
    const { user, workload, actors = [] } = claims;
    if (actors.length >= longestChain) throw chainTooLong();
    return {
      user,
      actors: [...actors, workload],
      userToken: user === undefined || user.kind === 'named' ? undefined : claims,
    };
  }

  /** Return URLs have changed. */
  forget(): void {
    this.#changes += 1;
    this.#kept.clear();
  }

  async #issue(key: string, call: AgentCall): Promise<HandedToken> {
    const { tokens, identities, clock } = this.#parts;
    const { scope, workload } = call;
    const changesBefore = this.#changes;
    const issuedAtMs = clock.now();
    const identity = await identities.find(scope, workload);
    const token = await tokens.issue(claimsOf(call));
    const handed = { token, callbackUrl: identity?.returnUrls[0], issuedAtMs };
    if (changesBefore !== this.#changes) return handed;
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= mostKept && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(key, handed);
    return handed;
  }
}

function claimsOf({ scope, workload, session, onBehalf }: AgentCall): WorkloadClaims {
  const { accountId, region } = scope;
  const { user, actors } = onBehalf;
  return { accountId, region, workload, session, user, actors };
}

function keyOf({ session, onBehalf: { user, actors } }: AgentCall): string {
  const { runtimeId, sessionId, incarnation } = session;
  return `${runtimeId} ${sessionId} ${incarnation} ${actors.join(' ')} ${userKey(user)}`;
}

function chainTooLong(): BerthError {
  return new BerthError(
    'validation',
    `This call has come through ${longestChain} agents already, which is the most. If they call one another in a circle, let one of them answer.`,
  );
}
