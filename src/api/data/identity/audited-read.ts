import { qualifiedAction } from '../../../auth/actions.ts';
import type { Audit } from '../../../auth/audit/audit.ts';
import type { Scope } from '../../../shared/ids.ts';
import type { OperationInputs, OperationName, OperationOutputs } from '../../model/generated/types.ts';
import type { Operation } from '../../operation.ts';

export interface AuditedRead<Name extends OperationName> {
  readonly audit: Pick<Audit, 'read'>;
  /** ARN of what the credential is of. */
  readonly resource: (input: OperationInputs[Name], scope: Scope) => string;
  /** The member of the answer that is the credential: an answer without it hands out nothing. */
  readonly credential: keyof OperationOutputs[Name];
}

/** Has each credential that an operation hands out written into the audit log first: without that it is not handed out. */
export function auditedRead<Name extends OperationName>(
  name: Name,
  operation: Operation<Name>,
  { audit, resource, credential }: AuditedRead<Name>,
): Operation<Name> {
  return async (input, context) => {
    const answer = await operation(input, context);
    if (answer[credential] === undefined) return answer;
    const { principal, requestId, sourceIp } = context;
    await audit.read({
      principal,
      action: qualifiedAction(name),
      resource: resource(input, principal),
      reason: 'a credential is handed out',
      requestId,
      sourceIp,
    });
    return answer;
  };
}
