import { type BerthError, invalidField } from '../shared/errors.ts';
import type { AccountId, RuntimeId, Scope } from '../shared/ids.ts';

/** Every ARN that Berth writes or reads (contract 1.8). */
export function runtimeArn(scope: Scope, runtimeId: RuntimeId): string {
  return `arn:aws:bedrock-agentcore:${scope.region}:${scope.accountId}:runtime/${runtimeId}`;
}

export function endpointArn(scope: Scope, runtimeId: RuntimeId, endpointName: string): string {
  return `${runtimeArn(scope, runtimeId)}/runtime-endpoint/${endpointName}`;
}

export function workloadIdentityArn(scope: Scope, name: string): string {
  return `arn:aws:bedrock-agentcore:${scope.region}:${scope.accountId}:workload-identity-directory/default/workload-identity/${name}`;
}

/** Its service part is not AgentCore's (contract 1.8). */
export function providerArn(scope: Scope, kind: 'api-key' | 'oauth2', name: string): string {
  return `arn:aws:acps:${scope.region}:${scope.accountId}:token-vault/default/${providerTypes[kind]}/${name}`;
}

const providerTypes = { 'api-key': 'apikeycredentialprovider', oauth2: 'oauth2credentialprovider' } as const;

/** What an ARN of this service names. */
export type ResourceName =
  | { readonly kind: 'runtime'; readonly scope: Scope; readonly runtimeId: RuntimeId }
  | {
      readonly kind: 'endpoint';
      readonly scope: Scope;
      readonly runtimeId: RuntimeId;
      readonly endpointName: string;
    }
  | { readonly kind: 'workload-identity'; readonly scope: Scope; readonly name: string }
  | {
      readonly kind: 'provider';
      readonly scope: Scope;
      readonly providerKind: 'api-key' | 'oauth2';
      readonly name: string;
    }
  /** Well-formed, of a kind that Berth does not have. */
  | { readonly kind: 'other'; readonly scope: Scope };

/** The one way in which Berth writes the ARN of what another ARN named: some say the partition or the service otherwise. */
export function canonicalArn(name: Exclude<ResourceName, { kind: 'other' }>): string {
  switch (name.kind) {
    case 'runtime':
      return runtimeArn(name.scope, name.runtimeId);
    case 'endpoint':
      return endpointArn(name.scope, name.runtimeId, name.endpointName);
    case 'workload-identity':
      return workloadIdentityArn(name.scope, name.name);
    case 'provider':
      return providerArn(name.scope, name.providerKind, name.name);
  }
}

/** Reads the ARN of any resource; throws `validation` when `text` is not one of this service. */
export function parseResourceArn(text: string, member = 'resourceArn'): ResourceName {
  const [, service, region, accountId, resource] = arnForm.exec(text) ?? [];
  if (region === undefined || accountId === undefined || resource === undefined) {
    throw invalidArn(
      member,
      text,
      'arn:aws:bedrock-agentcore:REGION:ACCOUNT:runtime/ID, with 12 digits as account',
    );
  }
  const scope: Scope = { region, accountId: accountId as AccountId };
  const [, runtimeId, endpointName] = runtimeForm.exec(resource) ?? [];
  if (runtimeId !== undefined && service !== 'acps') {
    const id = runtimeId as RuntimeId;
    return endpointName === undefined
      ? { kind: 'runtime', scope, runtimeId: id }
      : { kind: 'endpoint', scope, runtimeId: id, endpointName };
  }
  const [, type, providerName] = providerForm.exec(resource) ?? [];
  if (providerName !== undefined) {
    const providerKind = type === providerTypes.oauth2 ? 'oauth2' : 'api-key';
    return { kind: 'provider', scope, providerKind, name: providerName };
  }
  const name = service === 'acps' ? undefined : identityForm.exec(resource)?.[1];
  return name === undefined ? { kind: 'other', scope } : { kind: 'workload-identity', scope, name };
}

/** How a caller may point at a runtime: its ARN, an endpoint's ARN, or the bare id. */
export interface RuntimeReference {
  readonly runtimeId: RuntimeId;
  /** Only an ARN says it. */
  readonly scope: Scope | undefined;
  /** Only an endpoint's ARN says it. */
  readonly endpointName: string | undefined;
}

/** `text` is decoded, as in the path of InvokeAgentRuntime (contract 3.1). Throws `validation`. */
export function parseRuntimeReference(text: string, member = 'agentRuntimeArn'): RuntimeReference {
  if (bareIdForm.test(text)) {
    return { runtimeId: text as RuntimeId, scope: undefined, endpointName: undefined };
  }
  const named = text.startsWith('arn:') ? parseResourceArn(text, member) : undefined;
  switch (named?.kind) {
    case 'runtime':
      return { runtimeId: named.runtimeId, scope: named.scope, endpointName: undefined };
    case 'endpoint':
      return { runtimeId: named.runtimeId, scope: named.scope, endpointName: named.endpointName };
    default:
      throw invalidArn(
        member,
        text,
        'the ARN of a runtime or of its endpoint, or a runtime id such as my_agent-AbCdEf1234',
      );
  }
}

/** Throws `validation` when `text` is not a runtime's id. */
export function parseRuntimeId(text: string): RuntimeId {
  if (!bareIdForm.test(text))
    throw invalidArn('agentRuntimeId', text, 'a runtime id such as my_agent-AbCdEf1234');
  return text as RuntimeId;
}

const arnForm = /^arn:aws(?:-[^:]+)?:(bedrock-agentcore|acps):([a-z0-9-]+):([0-9]{12}):([^\s]+)$/;
const bareIdForm = /^[a-zA-Z][a-zA-Z0-9_]{0,99}-[a-zA-Z0-9]{10}$/;
const runtimeForm =
  /^runtime\/([a-zA-Z][a-zA-Z0-9_]{0,99}-[a-zA-Z0-9]{10})(?:\/runtime-endpoint\/([a-zA-Z][a-zA-Z0-9_]{0,47}))?$/;
/** IAM policies name providers by the AgentCore form of the same path. */
const providerForm =
  /^token-vault\/default\/(oauth2credentialprovider|apikeycredentialprovider)\/([a-zA-Z0-9_-]{1,128})$/;
const identityForm = /^workload-identity-directory\/default\/workload-identity\/([A-Za-z0-9_.-]{3,255})$/;

function invalidArn(member: string, text: string, expected: string): BerthError {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return invalidField(member, `'${shown}' was given where ${expected} is expected.`);
}
