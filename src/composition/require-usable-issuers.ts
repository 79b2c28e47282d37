import { BerthError } from '../shared/errors.ts';
import type { Callers } from './open-callers.ts';

/** Throws `validation` when users' tokens of one of them could never be verified here. */
export function requireUsableIssuers(
  discoveryUrls: readonly string[],
  problemOf: Callers['issuerProblem'],
): void {
  for (const url of discoveryUrls) {
    const problem = problemOf(url);
    if (problem !== undefined)
      throw new BerthError('validation', `BERTH_USER_TOKEN_ISSUERS cannot be used. ${problem}`);
  }
}
