import { invalidField } from '../../shared/errors.ts';
import type { IssuerProblem } from './jwt-authorizer-settings.ts';

/** Throws `validation` for the address of an authorization server that Berth would not go to, or send a user to. */
export function requireGoodUrl(url: string, member: string, issuerProblem: IssuerProblem): void {
  const problem = url.includes('#') ? 'The URL has a fragment. Leave it out.' : issuerProblem(url);
  if (problem !== undefined) throw invalidField(member, problem);
}
