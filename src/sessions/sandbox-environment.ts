import { insideCaBundle } from '../sandboxes/inside-ca-bundle.ts';
import { runtimeArn } from '../runtimes/arns.ts';
import type { RuntimeVersion } from '../runtimes/runtime.ts';
import { awsNameVariables, endpointUrlVariables } from '../shared/endpoint-url-variables.ts';
import { caVariables } from '../shared/ca-variables.ts';
import type { Scope } from '../shared/ids.ts';
import { containerCredentialsPath } from '../shared/metadata-addresses.ts';

export interface EnvironmentParts {
  /** Base URL of the listener for sandboxes, without a trailing slash. */
  readonly internalUrl: string;
  /** The same at the data plane's AWS name, with TLS; undefined when there is none. */
  readonly awsUrl: string | undefined;
  /** Base URL that callers use, for what an agent says of itself to them. */
  readonly publicUrl: string;
  readonly scope: Scope;
  readonly version: Pick<RuntimeVersion, 'runtimeId' | 'protocol' | 'environment'>;
}

/**
 * The variables of a version's containers (contract 4.2, labs 4.1). What the version declares wins. Nothing of a session is in it:
 * a sandbox may be started before anyone claims it.
 */
export function sandboxEnvironment({
  internalUrl,
  awsUrl,
  publicUrl,
  scope,
  version,
}: EnvironmentParts): Record<string, string> {
  const arn = runtimeArn(scope, version.runtimeId);
  return {
    // Without it the Python agent server listens on 127.0.0.1 only.
    DOCKER_CONTAINER: '1',
    AWS_REGION: scope.region,
    AWS_DEFAULT_REGION: scope.region,
    ...Object.fromEntries(endpointUrlVariables.map((name) => [name, internalUrl])),
    ...(awsUrl !== undefined && {
      ...Object.fromEntries(awsNameVariables.map((name) => [name, awsUrl])),
      ...caVariables(insideCaBundle),
    }),
    ...credentialsOf(version.environment),
    OTEL_RESOURCE_ATTRIBUTES: `cloud.resource_id=${arn}`,
    ...(version.protocol === 'A2A' && {
      AGENTCORE_RUNTIME_URL: `${publicUrl}/runtimes/${encodeURIComponent(arn)}/invocations/`,
    }),
    ...version.environment,
  };
}

/** Where SDKs find the role's credentials, unless the version has a place of its own: they would not look there beside this one. */
function credentialsOf(declared: Readonly<Record<string, string>>): Record<string, string> {
  if (declared['AWS_CONTAINER_CREDENTIALS_FULL_URI'] !== undefined) return {};
  return { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: containerCredentialsPath };
}
