import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import { HeldToken } from '../../shared/held-token.ts';
import type { UserTokenSource } from '../tokens/agent-tokens.ts';
import type { WorkloadClaims } from '../tokens/workload-token.ts';
import type { SubjectTokens } from './subject-tokens.ts';

export interface UserTokenKeeperParts {
  readonly subjectTokens: Pick<SubjectTokens, 'keep' | 'passOn'>;
  readonly events: { subjectTokenLost(error: unknown): void };
  readonly clock: Clock;
}

const longestWaitMs = 1_000;
/** Calls in this time do without, after the vault did not answer. */
const pauseMs = 10_000;

/**
 * Keeps what users came with while their calls wait, for a second at most: an agent does without, as most do. Never rejects. One that
 * takes longer is kept all the same, if it can be.
 */
export function createUserTokenKeeper({ subjectTokens, events, clock }: UserTokenKeeperParts) {
  let pausedUntilMs = 0;
  const pause = () => {
    pausedUntilMs = clock.now() + pauseMs;
  };
  return (claims: WorkloadClaims, userToken: UserTokenSource): Promise<void> => {
    if (clock.now() < pausedUntilMs) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = clock.after(longestWaitMs, () => {
        pause();
        resolve();
      });
      const end = () => {
        cancel();
        resolve();
      };
      const kept =
        userToken instanceof HeldToken
          ? subjectTokens.keep(claims, userToken.reveal())
          : subjectTokens.passOn(userToken, claims);
      kept.then(end, (error: unknown) => {
        if (error instanceof BerthError && error.code === 'unavailable') pause();
        events.subjectTokenLost(error);
        end();
      });
    });
  };
}
