import type { Condition, Effect } from './condition.ts';

/** A resource policy that was read and found good: nothing of it is ignored. */
export interface PolicyDocument {
  readonly statements: readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly sid: string | undefined;
  readonly effect: Effect;
  readonly principals: readonly PolicyPrincipal[];
  /** Patterns, lower case. */
  readonly actions: readonly string[];
  /** The statement is about all actions but those. */
  readonly isNotAction: boolean;
  /** All must hold. */
  readonly conditions: readonly Condition[];
}

export type PolicyPrincipal =
  | { readonly kind: 'anyone' }
  | { readonly kind: 'account'; readonly accountId: string }
  /** Of a user, or of one session of a role. */
  | { readonly kind: 'arn'; readonly arn: string }
  /** Every session of a role. `name` is without its path, which sessions do not show. */
  | { readonly kind: 'role'; readonly accountId: string; readonly name: string };

/** Who calls, as a policy sees it. A bearer token's holder has neither. */
export interface PolicyCaller {
  readonly arn: string | undefined;
  readonly accountId: string | undefined;
}

const sessionForm = /^arn:aws[\w-]*:sts::([0-9]{12}):assumed-role\/([\w+=,.@-]+)\/.+$/;

/** The role of a session's ARN; undefined for any other. */
export function roleOfSession(
  arn: string,
): { readonly accountId: string; readonly name: string } | undefined {
  const [, accountId, name] = sessionForm.exec(arn) ?? [];
  return accountId === undefined || name === undefined ? undefined : { accountId, name };
}
