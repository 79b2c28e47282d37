import type { RuntimeId } from '../../shared/ids.ts';
import type { RuntimeVersion } from '../runtime.ts';

/** A version that is READY and has nothing special. */
export function sampleVersion(runtimeId: RuntimeId, version: number): RuntimeVersion {
  return {
    runtimeId,
    version,
    status: 'READY',
    failureReason: undefined,
    artifact: { kind: 'container', uri: 'echo:v1', manifest: `sha256:${'0'.repeat(64)}` },
    protocol: 'HTTP',
    roleArn: 'arn:aws:iam::111122223333:role/agent',
    description: undefined,
    environment: {},
    idleTimeoutS: 900,
    maxLifetimeS: 28_800,
    headerAllowlist: [],
    authorizer: undefined,
    sessionStoragePath: undefined,
    network: undefined,
    otherSettings: {},
    createdAtMs: 0,
    lastUpdatedAtMs: 0,
  };
}
