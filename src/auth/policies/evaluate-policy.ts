import { fitsPattern } from '../wildcard.ts';
import type { ConditionContext } from './condition-keys.ts';
import {
  type PolicyCaller,
  type PolicyDocument,
  type PolicyPrincipal,
  type PolicyStatement,
  roleOfSession,
} from './policy-document.ts';

export interface PolicyRequest {
  readonly caller: PolicyCaller;
  /** With its service: `bedrock-agentcore:InvokeAgentRuntime`. */
  readonly action: string;
  readonly context: ConditionContext;
}

/** `silent`: the policy says nothing of the request. */
export interface PolicyVerdict {
  readonly outcome: 'allows' | 'denies' | 'silent';
  /** Of the statement that decided, where it has one. */
  readonly sid?: string | undefined;
}

/** What one resource policy says, whatever the order of its statements: a denial beats any permission. Pure. */
export function evaluatePolicy(policy: PolicyDocument, request: PolicyRequest): PolicyVerdict {
  const fitting = policy.statements.filter((statement) => isAbout(statement, request));
  const denial = fitting.find(
    ({ effect, principals }) => effect === 'Deny' && principals.some((who) => means(who, request.caller)),
  );
  if (denial !== undefined) return { outcome: 'denies', sid: denial.sid };
  const permission = fitting.find(
    ({ effect, principals }) => effect === 'Allow' && principals.some((who) => grants(who, request.caller)),
  );
  return permission === undefined ? { outcome: 'silent' } : { outcome: 'allows', sid: permission.sid };
}

function isAbout(
  { actions, isNotAction, conditions }: PolicyStatement,
  { action, context }: PolicyRequest,
): boolean {
  const lower = action.toLowerCase();
  if (actions.some((pattern) => fitsPattern(pattern, lower)) === isNotAction) return false;
  return conditions.every((holds) => holds(context));
}

function means(principal: PolicyPrincipal, { arn, accountId }: PolicyCaller): boolean {
  switch (principal.kind) {
    case 'anyone':
      return true;
    case 'account':
      return accountId === principal.accountId;
    case 'arn':
      return arn === principal.arn;
    case 'role': {
      const role = arn === undefined ? undefined : roleOfSession(arn);
      return role?.name === principal.name && role.accountId === principal.accountId;
    }
  }
}

/** As in IAM, a permission for an account leaves it to the account's own rules who of it may: it grants nobody anything by itself. */
function grants(principal: PolicyPrincipal, caller: PolicyCaller): boolean {
  return principal.kind !== 'account' && means(principal, caller);
}
