import type { LimitedRuntime } from '../auth/key-limits.ts';
import { isProviderOption } from '../identity/providers/provider-workloads.ts';
import { isWallTag } from '../runtimes/sandbox-options.ts';
import type { OperationInputs, OperationName } from './model/generated/types.ts';

/** A permission that a request needs because of what is in it. */
export interface FurtherPermission {
  readonly action: string;
  readonly newRuntime?: LimitedRuntime;
}

/** What the inputs of all vendors have. */
interface VendorInput {
  readonly clientSecretSource?: string | undefined;
  readonly clientSecretConfig?: unknown;
  readonly clientAuthenticationMethod?: string | undefined;
  readonly privateKeyJwtConfig?: unknown;
}

/** Its first authorisation cannot be the last: what it makes has its name and tags in the body. */
export function isDecidedByInput(name: OperationName): boolean {
  return name === 'CreateAgentRuntime';
}

/** Beside the one for the operation and the resource of its path, which is asked for before anything of the body is looked at. */
export function permissionsOfInput(
  name: OperationName,
  input: Readonly<Record<string, unknown>>,
): readonly FurtherPermission[] {
  switch (name) {
    case 'CreateAgentRuntime': {
      const { agentRuntimeName, tags = {} } = input as unknown as OperationInputs['CreateAgentRuntime'];
      const newRuntime = { name: agentRuntimeName, tags };
      return [
        { action: name, newRuntime },
        ...wallPermission(Object.keys(tags)).map((permission) => ({ ...permission, newRuntime })),
      ];
    }
    case 'TagResource':
      return wallPermission(Object.keys((input as unknown as OperationInputs['TagResource']).tags));
    case 'UntagResource':
      return wallPermission((input as unknown as OperationInputs['UntagResource']).tagKeys);
    case 'CreateApiKeyCredentialProvider':
    case 'UpdateApiKeyCredentialProvider': {
      const given = input as unknown as OperationInputs['UpdateApiKeyCredentialProvider'];
      return secretPermission(given.apiKeySecretSource, given.apiKeySecretConfig);
    }
    case 'CreateOauth2CredentialProvider':
    case 'UpdateOauth2CredentialProvider': {
      const { oauth2ProviderConfigInput } =
        input as unknown as OperationInputs['UpdateOauth2CredentialProvider'];
      const vendors: readonly VendorInput[] = Object.values(oauth2ProviderConfigInput);
      return vendors.flatMap((given) => [
        ...secretPermission(given.clientSecretSource, given.clientSecretConfig),
        ...keyPermission(given),
      ]);
    }
    default:
      return [];
  }
}

/** An external secret is whatever the file holds, and an agent of one's own gets to see it. */
function secretPermission(source: string | undefined, reference: unknown): readonly FurtherPermission[] {
  return source === 'EXTERNAL' || reference !== undefined ? [{ action: 'berth:UseExternalSecret' }] : [];
}

/** A key signs for whichever client and server the provider names; an update names its key again, so that none moves unasked. */
function keyPermission({
  clientAuthenticationMethod: method,
  privateKeyJwtConfig,
}: VendorInput): readonly FurtherPermission[] {
  const isAsked = method === 'PRIVATE_KEY_JWT' || privateKeyJwtConfig !== undefined;
  return isAsked ? [{ action: 'berth:UseSigningKey' }] : [];
}

function wallPermission(tagKeys: readonly string[]): readonly FurtherPermission[] {
  return tagKeys.some((key) => isWallTag(key) || isProviderOption(key)) ? [{ action: 'berth:SetWalls' }] : [];
}
