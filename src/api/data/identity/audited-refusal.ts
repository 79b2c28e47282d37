import { qualifiedAction } from '../../../auth/actions.ts';
import type { Audit } from '../../../auth/audit/audit.ts';
import { BerthError } from '../../../shared/errors.ts';
import type { Scope } from '../../../shared/ids.ts';
import type { OperationInputs, OperationName } from '../../model/generated/types.ts';
import type { Operation } from '../../operation.ts';

export interface AuditedRefusal<Name extends OperationName> {
  readonly audit: Pick<Audit, 'denied'>;
  /** ARN of what the operation is about. */
  readonly resource: (input: OperationInputs[Name], scope: Scope) => string;
}

/** Has it written into the audit log when a caller who may call the operation is refused by it: for a token or a user that is not its own. */
export function auditedRefusal<Name extends OperationName>(
  name: Name,
  operation: Operation<Name>,
  { audit, resource }: AuditedRefusal<Name>,
): Operation<Name> {
  return async (input, context) => {
    try {
      return await operation(input, context);
    } catch (error) {
      if (error instanceof BerthError && (error.code === 'access-denied' || error.code === 'unauthorized')) {
        const { principal, requestId, sourceIp } = context;
        audit.denied({
          principal,
          action: qualifiedAction(name),
          resource: resource(input, principal),
          reason: error.message,
          requestId,
          sourceIp,
        });
      }
      throw error;
    }
  };
}
