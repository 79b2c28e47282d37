import type {
  InvocationTarget,
  InvocationTargets,
  RuntimeVersion,
  ServerProtocol,
} from '../../runtimes/runtime.ts';
import { BerthError } from '../../shared/errors.ts';
import type { RuntimeId, Scope } from '../../shared/ids.ts';

/** Runtimes whose every version is ready, and endpoints that can be pointed anywhere. */
export class FakeInvocationTargets implements InvocationTargets {
  readonly #scope: Scope;
  readonly #versions = new Map<string, RuntimeVersion>();
  readonly #endpoints = new Map<string, number>();

  constructor(parts: { readonly scope: Scope }) {
    this.#scope = parts.scope;
  }

  addVersion(runtimeId: RuntimeId, version: number, changes: Partial<RuntimeVersion> = {}): void {
    const protocol: ServerProtocol = 'HTTP';
    this.#versions.set(`${runtimeId} ${version}`, {
      runtimeId,
      version,
      status: 'READY',
      failureReason: undefined,
      artifact: { kind: 'container', uri: 'echo:v1', manifest: `sha256:${'0'.repeat(64)}` },
      protocol,
      roleArn: 'arn:aws:iam::111122223333:role/agent',
      description: undefined,
      environment: {},
      idleTimeoutS: 900,
      maxLifetimeS: 28_800,
      headerAllowlist: [],
      authorizer: undefined,
      otherSettings: {},
      createdAtMs: 0,
      lastUpdatedAtMs: 0,
      ...changes,
    });
    this.point(runtimeId, 'DEFAULT', version);
  }

  point(runtimeId: RuntimeId, endpointName: string, version: number): void {
    this.#endpoints.set(`${runtimeId} ${endpointName}`, version);
  }

  remove(runtimeId: RuntimeId): void {
    for (const map of [this.#versions, this.#endpoints]) {
      for (const key of map.keys()) if (key.startsWith(`${runtimeId} `)) map.delete(key);
    }
  }

  async find(scope: Scope, runtimeId: RuntimeId, endpointName: string): Promise<InvocationTarget> {
    const number = this.#endpoints.get(`${runtimeId} ${endpointName}`);
    const version = number === undefined ? undefined : await this.findVersion(runtimeId, number);
    const isOfScope = scope.accountId === this.#scope.accountId && scope.region === this.#scope.region;
    if (version === undefined || !isOfScope) {
      throw new BerthError(
        'not-found',
        `There is no endpoint ${endpointName} of agent runtime ${runtimeId}.`,
      );
    }
    const common = { status: 'READY', failureReason: undefined, createdAtMs: 0, lastUpdatedAtMs: 0 } as const;
    return {
      runtime: {
        ...common,
        ...this.#scope,
        id: runtimeId,
        name: runtimeId.slice(0, -11),
        newestVersion: version.version,
        servedVersion: version.version,
        workloadIdentityName: runtimeId,
      },
      endpoint: {
        ...common,
        runtimeId,
        name: endpointName,
        liveVersion: version.version,
        targetVersion: version.version,
        description: undefined,
      },
      version,
    };
  }

  async findVersion(runtimeId: RuntimeId, version: number): Promise<RuntimeVersion | undefined> {
    return this.#versions.get(`${runtimeId} ${version}`);
  }
}
