import { qualifiedAction } from '../../../auth/actions.ts';
import type { Audit } from '../../../auth/audit/audit.ts';
import type { Scope } from '../../../shared/ids.ts';
import type { OperationInputs, OperationName, OperationOutputs } from '../../model/generated/types.ts';
import { claimsOfProven } from '../../../identity/tokens/token-payload.ts';
import type { WorkloadUser } from '../../../identity/tokens/workload-token.ts';
import type { Operation } from '../../operation.ts';

export interface AuditedRead<Name extends OperationName> {
  readonly audit: Pick<Audit, 'read'>;
  /** ARN of what the credential is of. */
  readonly resource: (input: OperationInputs[Name], scope: Scope) => string;
  /** The member of the answer that is the credential: an answer without it hands out nothing. */
  readonly credential: keyof OperationOutputs[Name];
  /** The workload token that says for whom, which the operation has proven or made. */
  readonly token: (input: OperationInputs[Name], answer: OperationOutputs[Name]) => string | undefined;
  /** By which flow, where there are several. */
  readonly flow?: (input: OperationInputs[Name]) => string;
}

/** Has each credential that an operation hands out written into the audit log first: without that it is not handed out. */
export function auditedRead<Name extends OperationName>(
  name: Name,
  operation: Operation<Name>,
  { audit, resource, credential, token, flow }: AuditedRead<Name>,
): Operation<Name> {
  return async (input, context) => {
    const answer = await operation(input, context);
    if (answer[credential] === undefined) return answer;
    const { principal, requestId, sourceIp } = context;
    await audit.read({
      principal,
      action: qualifiedAction(name),
      resource: resource(input, principal),
      reason: `handed out${holderOf(token(input, answer))}${flow === undefined ? '' : ` by ${flow(input)}`}`,
      requestId,
      sourceIp,
    });
    return answer;
  };
}

/** Names are quoted: callers choose them. */
function holderOf(token: string | undefined): string {
  const claims = token === undefined ? undefined : claimsOfProven(token);
  if (claims === undefined) return '';
  const session = claims.session === undefined ? '' : `, session ${JSON.stringify(claims.session.sessionId)}`;
  const user = claims.user === undefined ? '' : ` for ${nameOf(claims.user)}`;
  return ` to workload ${claims.workload}${session}${user}`;
}

function nameOf(user: WorkloadUser): string {
  if (user.kind === 'named') return `user ${JSON.stringify(user.userId)}`;
  return `${user.kind} ${JSON.stringify(user.subject)} of ${user.issuer}`;
}
