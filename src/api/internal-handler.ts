import type { RequestListener } from 'node:http';
import { qualifiedAction } from '../auth/actions.ts';
import type { Audit } from '../auth/audit/audit.ts';
import type { Authorize } from '../auth/authorize.ts';
import { BerthError } from '../shared/errors.ts';
import type { ControlPlane } from './control-plane.ts';
import type { DataPlane } from './data/data-plane.ts';
import type { MetadataService } from './metadata/metadata-service.ts';
import type { ServiceOperation } from './model/service-operation.ts';

export interface InternalHandlerParts {
  readonly dataPlane: Pick<DataPlane, 'handles' | 'handle'>;
  /** One that judges by `authorizeInside`. */
  readonly controlPlane: Pick<ControlPlane, 'handle'>;
  readonly metadata: Pick<MetadataService, 'handles' | 'handle'>;
}

/** All that sandboxes are served: AgentCore's operations and their own credentials; never the registry, the operators' API or metrics. */
export function internalHandler({
  dataPlane,
  controlPlane,
  metadata,
}: InternalHandlerParts): RequestListener {
  return (request, response) => {
    if (metadata.handles(request)) metadata.handle(request, response);
    else if (dataPlane.handles(request)) dataPlane.handle(request, response);
    else void controlPlane.handle(request, response);
  };
}

/** The same rule for calls from sandboxes, which have no operations of the control plane but those that their runtime's role is granted. */
export function authorizeInside({
  rule,
  model,
  audit,
}: {
  readonly rule: Authorize;
  readonly model: readonly Pick<ServiceOperation, 'name' | 'plane'>[];
  readonly audit: Pick<Audit, 'denied'>;
}): Authorize {
  const controlActions = new Set<string>(
    model.filter(({ plane }) => plane === 'control').map(({ name }) => name),
  );
  return async (principal, action, resource, context) => {
    if (principal.kind !== 'role' && controlActions.has(action)) {
      const reason = 'control plane, called from a sandbox';
      audit.denied({ ...context, principal, action: qualifiedAction(action), resource, reason });
      throw new BerthError(
        'access-denied',
        `${action} is an operation of the control plane, which sandboxes are not served with access keys.`,
      );
    }
    await rule(principal, action, resource, context);
  };
}
