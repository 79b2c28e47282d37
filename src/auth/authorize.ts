import { BerthError } from '../shared/errors.ts';
import type { Clock } from '../shared/clock.ts';
import type { AccessContext } from './access-context.ts';
import type { AccessFacts, RuntimeFacts } from './access-facts.ts';
import { actions, qualifiedAction } from './actions.ts';
import type { Audit } from './audit/audit.ts';
import { identityPermission } from './identity-permission.ts';
import type { LimitedRuntime } from './key-limits.ts';
import { evaluatePolicy, type PolicyVerdict } from './policies/evaluate-policy.ts';
import { policyCallerOf, requestContext } from './policies/request-context.ts';
import type { Principal } from './principal.ts';
import { readRuntimeArn } from './runtime-arn.ts';

/**
 * The one place that says who may do what: `action` is an operation's or an IAM-only action's name, or `berth:` and a name for
 * Berth's own API; `resource` is an ARN, a path of Berth's own API, or '*'. Rejects with `access-denied`. A permitted change
 * is in the audit log when the promise resolves, and is refused with `unavailable` when it cannot be.
 */
export type Authorize = (
  principal: Principal,
  action: string,
  resource: string,
  context: AccessContext,
) => Promise<void>;

export interface AuthorizerParts {
  readonly facts: AccessFacts;
  readonly audit: Pick<Audit, 'allowed' | 'denied'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** So that a policy that refuses everybody can be mended (as the root user of an AWS account can). */
const rescueActions = new Set(['GetResourcePolicy', 'PutResourcePolicy', 'DeleteResourcePolicy']);

/**
 * A caller needs a permission of its own (its role within its limits, or a token for its runtime) or of the resource's
 * policy; no policy of the resource may deny. With an endpoint both must allow, the runtime and the endpoint.
 */
export function createAuthorizer({ facts, audit, clock }: AuthorizerParts): Authorize {
  return async (principal, action, resource, context) => {
    const named = readRuntimeArn(resource, principal);
    const found = named === undefined ? undefined : facts.find(named.runtimeId);
    // Awaited only where it must be: calls come by here.
    const runtime = found instanceof Promise ? await found : found;
    const own = identityPermission(principal, action, resource, { ...context, named, runtime });
    const qualified = qualifiedAction(action);
    const isRescue = rescueActions.has(action) && own.isAdmin === true;
    const verdicts =
      runtime === undefined || isRescue
        ? []
        : verdictsOf(runtime, named?.endpoint ?? context.endpoint, (policy, tags) =>
            evaluatePolicy(policy, {
              caller: policyCallerOf(principal),
              action: qualified,
              context: requestContext(principal, { ...context, tags, atMs: clock.now() }),
            }),
          );
    const decision = { principal, action: qualified, resource, ...context };
    const denial = verdicts.find(({ outcome }) => outcome === 'denies');
    if (denial !== undefined) {
      audit.denied({ ...decision, reason: `resource policy${statementOf(denial)}` });
      throw new BerthError(
        'access-denied',
        `${own.who} is not authorized to perform ${qualified} on ${resource}, with an explicit deny in a resource-based policy.`,
      );
    }
    const isGranted = verdicts.length > 0 && verdicts.every(({ outcome }) => outcome === 'allows');
    if (!own.isAllowed && !isGranted) {
      audit.denied({ ...decision, reason: own.reason });
      throw new BerthError('access-denied', own.refusal(qualified));
    }
    if (actions.get(action)?.kind !== 'change' || context.isPreliminary === true) return;
    await audit.allowed({ ...decision, reason: own.isAllowed ? own.reason : 'resource policy' });
  };
}

/** Of the runtime, and of the endpoint where there is one. */
function verdictsOf(
  runtime: RuntimeFacts,
  endpointName: string | undefined,
  evaluate: (policy: NonNullable<RuntimeFacts['policy']>, tags: LimitedRuntime['tags']) => PolicyVerdict,
): readonly PolicyVerdict[] {
  const places = endpointName === undefined ? [runtime] : [runtime, runtime.endpoint(endpointName)];
  if (places.every(({ policy }) => policy === undefined)) return [];
  return places.map(({ policy, tags }) =>
    policy === undefined ? { outcome: 'silent' } : evaluate(policy, tags),
  );
}

function statementOf({ sid }: PolicyVerdict): string {
  return sid === undefined ? '' : `, statement ${sid}`;
}
