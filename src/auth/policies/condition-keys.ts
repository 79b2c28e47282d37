/** What a condition can look at. A key without a value is missing from the request. */
export interface ConditionContext {
  /** By key, in lower case. Several values are of tags whose keys differ by case only. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

export type KeyType = 'string' | 'arn' | 'ip' | 'bool' | 'date';

/** Keys that Berth can fill, by their lower-case names (IAM: names of keys are not case-sensitive, those of tags within them neither). */
const keyTypes: ReadonlyMap<string, KeyType> = new Map([
  ['aws:currenttime', 'date'],
  ['aws:principalaccount', 'string'],
  ['aws:principalarn', 'arn'],
  ['aws:principaltype', 'string'],
  ['aws:requestedregion', 'string'],
  ['aws:resourceaccount', 'string'],
  ['aws:securetransport', 'bool'],
  ['aws:sourceip', 'ip'],
  ['aws:username', 'string'],
]);

/** Written as AWS writes them. */
export const knownKeys = [
  'aws:CurrentTime',
  'aws:PrincipalAccount',
  'aws:PrincipalArn',
  'aws:PrincipalType',
  'aws:RequestedRegion',
  'aws:ResourceAccount',
  'aws:ResourceTag/KEY',
  'aws:SecureTransport',
  'aws:SourceIp',
  'aws:username',
  'bedrock-agentcore:InboundJwtClaim/iss',
  'bedrock-agentcore:InboundJwtClaim/sub',
] as const;

const tagPrefix = 'aws:resourcetag/';
const claimKeys = new Set(['bedrock-agentcore:inboundjwtclaim/iss', 'bedrock-agentcore:inboundjwtclaim/sub']);

/** The key as contexts have it, and what its values are; undefined when Berth has no such key. */
export function readConditionKey(key: string): { readonly name: string; readonly type: KeyType } | undefined {
  const lower = key.toLowerCase();
  const type = keyTypes.get(lower);
  if (type !== undefined) return { name: lower, type };
  if (claimKeys.has(lower)) return { name: lower, type: 'string' };
  if (!lower.startsWith(tagPrefix) || lower.length === tagPrefix.length) return undefined;
  return { name: lower, type: 'string' };
}
