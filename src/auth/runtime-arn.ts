import type { Scope } from '../shared/ids.ts';

/** The runtime, and the endpoint, that a resource is. */
export interface NamedRuntime {
  readonly runtimeId: string;
  /** From the id, which is the name and ten more characters. */
  readonly name: string;
  readonly endpoint: string | undefined;
}

const form =
  /^arn:aws[\w-]*:bedrock-agentcore:([a-z0-9-]+):([0-9]{12}):runtime\/(([^/]+)-[a-zA-Z0-9]{10})(?:\/runtime-endpoint\/([^/]+))?$/;

/** Undefined for anything else, and for what is not of this account and region. */
export function readRuntimeArn(resource: string, { accountId, region }: Scope): NamedRuntime | undefined {
  if (!resource.startsWith('arn:')) return undefined;
  const [, ofRegion, ofAccount, runtimeId, name, endpoint] = form.exec(resource) ?? [];
  if (runtimeId === undefined || name === undefined) return undefined;
  return ofRegion === region && ofAccount === accountId ? { runtimeId, name, endpoint } : undefined;
}
