import type { InvocationTarget, InvocationTargets, RuntimeVersion } from '../../runtimes/runtime.ts';
import type { SandboxOptions } from '../../runtimes/sandbox-options.ts';
import { sampleVersion } from '../../runtimes/testing/sample-version.ts';
import type { PoolPlan, PoolPlans } from '../warm-pool/pool-plan.ts';
import { BerthError } from '../../shared/errors.ts';
import type { RuntimeId, Scope } from '../../shared/ids.ts';

/** Runtimes whose every version is ready, and endpoints that can be pointed anywhere. */
export class FakeInvocationTargets implements InvocationTargets, PoolPlans {
  readonly #scope: Scope;
  readonly #versions = new Map<string, RuntimeVersion>();
  readonly #endpoints = new Map<string, number>();
  /** By runtime. */
  readonly options = new Map<RuntimeId, SandboxOptions>();
  readonly #listeners = new Set<(runtimeId: RuntimeId) => void>();

  constructor(parts: { readonly scope: Scope }) {
    this.#scope = parts.scope;
  }

  addVersion(runtimeId: RuntimeId, version: number, changes: Partial<RuntimeVersion> = {}): void {
    this.#versions.set(`${runtimeId} ${version}`, { ...sampleVersion(runtimeId, version), ...changes });
    this.point(runtimeId, 'DEFAULT', version);
  }

  point(runtimeId: RuntimeId, endpointName: string, version: number): void {
    this.#endpoints.set(`${runtimeId} ${endpointName}`, version);
    this.#changed(runtimeId);
  }

  setOptions(runtimeId: RuntimeId, options: SandboxOptions): void {
    this.options.set(runtimeId, options);
    this.#changed(runtimeId);
  }

  async listPooling(): Promise<readonly RuntimeId[]> {
    return [...this.options.keys()];
  }

  async findPlan(runtimeId: RuntimeId): Promise<PoolPlan | undefined> {
    const served = [...this.#endpoints].flatMap(([key, version]) =>
      key.startsWith(`${runtimeId} `) ? [version] : [],
    );
    if (served.length === 0) return undefined;
    const versions = await Promise.all(
      [...new Set(served)].map((version) => this.findVersion(runtimeId, version)),
    );
    return {
      scope: this.#scope,
      options: await this.findOptions(runtimeId),
      versions: versions.filter((version) => version !== undefined),
    };
  }

  onChange(listener: (runtimeId: RuntimeId) => void): void {
    this.#listeners.add(listener);
  }

  #changed(runtimeId: RuntimeId): void {
    for (const listener of this.#listeners) listener(runtimeId);
  }

  remove(runtimeId: RuntimeId): void {
    for (const map of [this.#versions, this.#endpoints]) {
      for (const key of map.keys()) if (key.startsWith(`${runtimeId} `)) map.delete(key);
    }
    this.#changed(runtimeId);
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

  async findOptions(runtimeId: RuntimeId): Promise<SandboxOptions> {
    return this.options.get(runtimeId) ?? {};
  }

  async findVersion(runtimeId: RuntimeId, version: number): Promise<RuntimeVersion | undefined> {
    return this.#versions.get(`${runtimeId} ${version}`);
  }
}
