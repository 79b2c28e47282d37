import type { AgentCall, AgentTokens, HandedToken } from '../../../identity/tokens/agent-tokens.ts';
import { userKey, type WorkloadUser } from '../../../identity/tokens/workload-token.ts';
import { BerthError } from '../../../shared/errors.ts';

/** Tokens are the user's name in clear; nobody may pass one on. */
export class FakeAgentTokens implements Pick<AgentTokens, 'handOut' | 'receive'> {
  handOut({ onBehalf }: AgentCall): HandedToken {
    return { token: `token of ${userKey(onBehalf.user)}`, callbackUrl: undefined };
  }

  async receive(): Promise<{ readonly user: WorkloadUser | undefined; readonly actors: readonly string[] }> {
    throw new BerthError('access-denied', 'The workload access token is not one of this server.');
  }
}
