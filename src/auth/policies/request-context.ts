import { principalArnOf, userNameOf } from '../principal-arn.ts';
import type { Principal } from '../principal.ts';
import type { ConditionContext } from './condition-keys.ts';
import { type PolicyCaller, roleOfSession } from './policy-document.ts';

/** Of a request, as far as conditions look at it. */
export interface RequestFacts {
  readonly sourceIp: string | undefined;
  readonly isSecure: boolean;
  readonly atMs: number;
  /** Of the resource that has the policy. */
  readonly tags: Readonly<Record<string, string>>;
}

export function policyCallerOf(principal: Principal): PolicyCaller {
  const arn = principalArnOf(principal);
  return { arn, accountId: arn === undefined ? undefined : principal.accountId };
}

/** The values of condition keys; those that mean nothing for the caller are missing, as with AWS. */
export function requestContext(principal: Principal, facts: RequestFacts): ConditionContext {
  const values: [key: string, value: string][] = [
    ['aws:currenttime', new Date(facts.atMs).toISOString()],
    ['aws:requestedregion', principal.region],
    ['aws:resourceaccount', principal.accountId],
    ['aws:securetransport', String(facts.isSecure)],
    ...callerValues(principal),
    ...Object.entries(facts.tags).map(tagValue),
  ];
  if (facts.sourceIp !== undefined) values.push(['aws:sourceip', plainAddress(facts.sourceIp)]);
  const byKey = Map.groupBy(values, ([key]) => key);
  return { values: new Map([...byKey].map(([key, pairs]) => [key, pairs.map(([, value]) => value)])) };
}

function tagValue([key, value]: [string, string]): [string, string] {
  return [`aws:resourcetag/${key.toLowerCase()}`, value];
}

function callerValues(principal: Principal): [string, string][] {
  if (principal.kind === 'token')
    return [
      ['bedrock-agentcore:inboundjwtclaim/iss', principal.issuer],
      ...(principal.holder === 'user'
        ? [['bedrock-agentcore:inboundjwtclaim/sub', principal.subject] satisfies [string, string]]
        : []),
    ];
  const arn = principalArnOf(principal) ?? '';
  const role = roleOfSession(arn);
  const common: [string, string] = ['aws:principalaccount', principal.accountId];
  // Of a role's session the key is the role.
  if (role !== undefined)
    return [
      common,
      ['aws:principalarn', `arn:aws:iam::${role.accountId}:role/${role.name}`],
      ['aws:principaltype', 'AssumedRole'],
    ];
  return [
    common,
    ['aws:principalarn', arn],
    ['aws:principaltype', 'User'],
    ...(principal.kind === 'access-key'
      ? [['aws:username', userNameOf(principal)] satisfies [string, string]]
      : []),
  ];
}

/** An IPv4 address that came over an IPv6 socket is itself. */
function plainAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}
