import type { AccessContext } from './access-context.ts';
import type { RuntimeFacts } from './access-facts.ts';
import { actions } from './actions.ts';
import { isWithin } from './key-limits.ts';
import type { KeyPrincipal, Principal, TokenPrincipal } from './principal.ts';
import { rolePermission } from './role-permission.ts';
import type { NamedRuntime } from './runtime-arn.ts';

/** What a caller may by itself, whatever the policies of resources say. */
export interface IdentityPermission {
  readonly isAllowed: boolean;
  readonly isAdmin?: boolean;
  /** For the audit log. */
  readonly reason: string;
  /** The caller, for messages. */
  readonly who: string;
  /** What to tell one who may not. */
  readonly refusal: (qualifiedAction: string) => string;
}

/** What else decides. */
export interface PermissionFacts extends Pick<AccessContext, 'newRuntime' | 'isPreliminary'> {
  /** What the resource is, if it is a runtime or an endpoint of this account. */
  readonly named: NamedRuntime | undefined;
  /** Undefined for one that is not there. */
  readonly runtime: RuntimeFacts | undefined;
}

export function identityPermission(
  principal: Principal,
  action: string,
  resource: string,
  facts: PermissionFacts,
): IdentityPermission {
  switch (principal.kind) {
    case 'token':
      return tokenPermission(principal, action, resource);
    case 'access-key':
      return keyPermission(principal, action, resource, facts);
    case 'role':
      return rolePermission(principal, action, resource);
  }
}

/** What a bearer token that a runtime's authorizer accepts allows, on that runtime. A resource policy may deny it commands and shells. */
const tokenActions = new Set([
  'GetAgentCard',
  'InvokeAgentRuntime',
  'InvokeAgentRuntimeCommand',
  'InvokeAgentRuntimeCommandShell',
  'InvokeAgentRuntimeWithWebSocketStream',
  'StopRuntimeSession',
]);

function tokenPermission(
  { runtimeId }: TokenPrincipal,
  action: string,
  resource: string,
): IdentityPermission {
  return {
    isAllowed: tokenActions.has(action) && resource.endsWith(`:runtime/${runtimeId}`),
    reason: 'bearer token',
    who: 'The holder of the bearer token',
    refusal: () => `A bearer token does not allow ${action} on ${resource}.`,
  };
}

function keyPermission(
  principal: KeyPrincipal,
  action: string,
  resource: string,
  facts: PermissionFacts,
): IdentityPermission {
  const { role, accessKeyId } = principal;
  const roles = actions.get(action)?.roles ?? ['admin'];
  const who = `Access key ${accessKeyId}`;
  const isOfRole = roles.includes(role);
  const isAllowed = isOfRole && isWithinLimits(principal, action, facts);
  const rolesThatMay = roles.map((name) => `'${name}'`).join(' or ');
  const advice = isOfRole
    ? `The key is limited to ${describeLimits(principal)}. Use one without that limit.`
    : `Use a key with the role ${rolesThatMay}.`;
  return {
    isAllowed,
    isAdmin: role === 'admin',
    reason: isOfRole && !isAllowed ? `limits of the key` : `role ${role}`,
    who,
    refusal: (qualified) =>
      `${who} has the role '${role}' and is not authorized to perform ${qualified} on ${resource}. ${advice}`,
  };
}

function isWithinLimits(
  { limits }: KeyPrincipal,
  action: string,
  { named, runtime, newRuntime, isPreliminary }: PermissionFacts,
): boolean {
  if (limits === undefined) return true;
  const limitedTo = actions.get(action)?.limitedTo ?? 'server';
  if (newRuntime !== undefined) return limitedTo !== 'server' && isWithin(limits, newRuntime);
  // A runtime that is not there has no tags, but its id says a name: what is said of it does not tell whether it is there.
  if (named !== undefined)
    return limitedTo !== 'server' && isWithin(limits, { name: named.name, tags: {}, ...runtimeOf(runtime) });
  return (
    limitedTo === 'caller' ||
    (limitedTo === 'filtered' && (action !== 'CreateAgentRuntime' || isPreliminary === true))
  );
}

function runtimeOf(runtime: RuntimeFacts | undefined) {
  return runtime && { name: runtime.name, tags: runtime.tags };
}

function describeLimits({ limits }: KeyPrincipal): string {
  const names = limits?.runtimes?.map((pattern) => `'${pattern}'`).join(', ');
  const tags = Object.entries(limits?.tags ?? {}).map(([key, value]) => `${key}=${value}`);
  return [
    ...(names === undefined ? [] : [`runtimes named ${names}`]),
    ...(tags.length === 0 ? [] : [`runtimes tagged ${tags.join(', ')}`]),
  ].join(', and to ');
}
