import type { RuntimeDetails } from '../client/runtimes-api.ts';
import { authorizerSettings, type SaidAuthorizer } from './authorizer-settings.ts';

/** What the command line says about a runtime; what is undefined was not said. */
export interface DeploySettings {
  readonly environment: Readonly<Record<string, string>>;
  readonly unsetEnvironment: readonly string[];
  readonly protocol: string | undefined;
  readonly idleTimeoutS: number | undefined;
  readonly maxLifetimeS: number | undefined;
  readonly sessionStorage: string | undefined;
  readonly roleArn: string | undefined;
  readonly description: string | undefined;
  readonly allowedHeaders: readonly string[];
  readonly authorizer: SaidAuthorizer;
  /** Callers sign again, whatever they did before. */
  readonly takesSignatures: boolean;
}

/** Members of GetAgentRuntime that UpdateAgentRuntime takes: an update that leaves one out would reset it. */
const carriedOver = [
  'allowedPorts',
  'authorizerConfiguration',
  'capacityProviderConfiguration',
  'description',
  'environmentVariables',
  'filesystemConfigurations',
  'hooksConfiguration',
  'lifecycleConfiguration',
  'metadataConfiguration',
  'networkConfiguration',
  'platformVersion',
  'protocolConfiguration',
  'requestHeaderConfiguration',
  'resourceConfigurations',
  'roleArn',
] as const;

/** The input of CreateAgentRuntime (without a name) or, with the settings `before`, of UpdateAgentRuntime. */
export function runtimeSettings(
  containerUri: string,
  said: DeploySettings,
  fallback: { readonly roleArn: string },
  before?: RuntimeDetails,
): object {
  const kept = Object.fromEntries(
    carriedOver.map((name) => [name, before?.[name]]).filter(([, value]) => value !== undefined),
  );
  const environment = { ...before?.environmentVariables, ...said.environment };
  for (const name of said.unsetEnvironment) delete environment[name];
  const authorizerConfiguration = authorizerSettings(said.authorizer, before);
  if (said.takesSignatures) delete kept['authorizerConfiguration'];
  const hasLifecycle = said.idleTimeoutS !== undefined || said.maxLifetimeS !== undefined;
  return {
    networkConfiguration: { networkMode: 'PUBLIC' },
    ...fallback,
    ...kept,
    agentRuntimeArtifact: { containerConfiguration: { containerUri } },
    environmentVariables: environment,
    ...(said.sessionStorage !== undefined && {
      filesystemConfigurations: [{ sessionStorage: { mountPath: said.sessionStorage } }],
    }),
    ...(said.roleArn !== undefined && { roleArn: said.roleArn }),
    ...(said.description !== undefined && { description: said.description }),
    ...(said.protocol !== undefined && { protocolConfiguration: { serverProtocol: said.protocol } }),
    ...(said.allowedHeaders.length > 0 && {
      requestHeaderConfiguration: { requestHeaderAllowlist: said.allowedHeaders },
    }),
    ...(authorizerConfiguration && { authorizerConfiguration }),
    ...(hasLifecycle && {
      lifecycleConfiguration: {
        ...before?.lifecycleConfiguration,
        ...(said.idleTimeoutS !== undefined && { idleRuntimeSessionTimeout: said.idleTimeoutS }),
        ...(said.maxLifetimeS !== undefined && { maxLifetime: said.maxLifetimeS }),
      },
    }),
  };
}
