import { BerthError, invalidField } from '../shared/errors.ts';
import type { JwtAuthorizer } from '../shared/jwt-authorizer.ts';
import { headerAllowlistProblem } from './header-allowlist.ts';
import type { RuntimeVersion, ServerProtocol } from './runtime.ts';
import type { VersionNetwork } from './version-network.ts';

/** What a caller asks of a version; every absent setting takes its default, nothing is carried over from an older version. */
export interface RequestedSettings {
  readonly imageUri: string;
  readonly roleArn: string;
  readonly protocol: ServerProtocol | undefined;
  readonly description: string | undefined;
  readonly environment: Readonly<Record<string, string>> | undefined;
  readonly idleTimeoutS: number | undefined;
  readonly maxLifetimeS: number | undefined;
  readonly headerAllowlist: readonly string[] | undefined;
  readonly authorizer: JwtAuthorizer | undefined;
  readonly sessionStoragePath: string | undefined;
  readonly network: VersionNetwork | undefined;
  readonly otherSettings: Readonly<Record<string, unknown>>;
}

/** A version's settings, complete and checked. */
export type VersionSettings = Omit<
  RuntimeVersion,
  'runtimeId' | 'version' | 'status' | 'failureReason' | 'createdAtMs' | 'lastUpdatedAtMs'
>;

const defaultIdleTimeoutS = 900;
const defaultMaxLifetimeS = 28_800;

/** Fills in the defaults (contract 2.1, 5.1). Throws `validation`, naming the member of the request. */
export function completeSettings(requested: RequestedSettings): VersionSettings {
  const maxLifetimeS = requested.maxLifetimeS ?? defaultMaxLifetimeS;
  const idleTimeoutS = requested.idleTimeoutS ?? Math.min(defaultIdleTimeoutS, maxLifetimeS);
  if (idleTimeoutS > maxLifetimeS) {
    throw invalidField(
      'lifecycleConfiguration.idleRuntimeSessionTimeout',
      `idleRuntimeSessionTimeout is ${idleTimeoutS} s and must not exceed maxLifetime, which is ${maxLifetimeS} s. Lower the first or raise the second.`,
    );
  }
  const headerAllowlist = requested.headerAllowlist ?? [];
  const problem = headerAllowlistProblem(headerAllowlist, {
    hasTokenCallers: requested.authorizer !== undefined,
  });
  if (problem !== undefined) throw invalidField('requestHeaderConfiguration.requestHeaderAllowlist', problem);
  refuseImpossibleVariables(requested.environment ?? {});
  return {
    artifact: { kind: 'container', uri: requested.imageUri, manifest: undefined },
    protocol: requested.protocol ?? 'HTTP',
    roleArn: requested.roleArn,
    description: requested.description,
    environment: requested.environment ?? {},
    idleTimeoutS,
    maxLifetimeS,
    headerAllowlist,
    authorizer: requested.authorizer,
    sessionStoragePath: requested.sessionStoragePath,
    network: requested.network,
    otherSettings: requested.otherSettings,
  };
}

/** A process's environment is a list of NAME=VALUE that ends at a null character. */
function refuseImpossibleVariables(environment: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(environment)) {
    if (name.includes('=') || name.includes('\0') || value.includes('\0')) {
      throw new BerthError(
        'validation',
        `The environment variable ${JSON.stringify(name)} cannot be given to a process: its name must not hold '=', neither name nor value a null character.`,
        {
          reason: 'FieldValidationFailed',
          fields: [{ name: 'environmentVariables', message: `Impossible variable ${JSON.stringify(name)}` }],
        },
      );
    }
  }
}
