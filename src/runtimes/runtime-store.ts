import type { RuntimeId, Scope } from '../shared/ids.ts';
import type { Runtime, RuntimeEndpoint, RuntimeVersion } from './runtime.ts';

/** What runtimes leave to be done after the answer; kept with the change that asked for it. */
export type RuntimeJob =
  | { readonly kind: 'prepare-version'; readonly runtimeId: RuntimeId; readonly version: number }
  | { readonly kind: 'roll-out-endpoint'; readonly runtimeId: RuntimeId; readonly endpointName: string }
  | { readonly kind: 'delete-runtime'; readonly runtimeId: RuntimeId }
  | { readonly kind: 'delete-version'; readonly runtimeId: RuntimeId; readonly version: number }
  | { readonly kind: 'forget-artifact'; readonly manifest: string };

/** Up to `limit` entries that come after `after`, oldest first. */
export interface ListQuery<Key> {
  readonly limit: number;
  readonly after: Key | undefined;
}

/** Where a runtime stands in the list of runtimes. */
export type RuntimeListKey = readonly [createdAtMs: number, runtimeId: string];

/** A runtime with its newest version. */
export interface ListedRuntime {
  readonly runtime: Runtime;
  readonly version: RuntimeVersion;
}

export interface RuntimeReads {
  /** Whatever its account and region: callers check the scope before they tell anyone. */
  findRuntime(runtimeId: RuntimeId): Promise<Runtime | undefined>;
  findRuntimeByName(scope: Scope, name: string): Promise<Runtime | undefined>;
  findVersion(runtimeId: RuntimeId, version: number): Promise<RuntimeVersion | undefined>;
  findEndpoint(runtimeId: RuntimeId, name: string): Promise<RuntimeEndpoint | undefined>;
  listRuntimes(scope: Scope, query: ListQuery<RuntimeListKey>): Promise<readonly ListedRuntime[]>;
  /** By number. */
  listVersions(runtimeId: RuntimeId, query: ListQuery<number>): Promise<readonly RuntimeVersion[]>;
  /** By name. */
  listEndpoints(runtimeId: RuntimeId, query: ListQuery<string>): Promise<readonly RuntimeEndpoint[]>;
  /** Every endpoint that serves `version` or is on its way to it. */
  listEndpointsAt(runtimeId: RuntimeId, version: number): Promise<readonly RuntimeEndpoint[]>;
  countRuntimes(scope: Scope): Promise<number>;
  countVersions(runtimeId: RuntimeId): Promise<number>;
  countEndpoints(runtimeId: RuntimeId): Promise<number>;
  /** Digests of the images that any version of any runtime pins. */
  listManifests(): Promise<readonly string[]>;
  /** Those of them that an endpoint serves or is about to serve. */
  listServedManifests(): Promise<readonly string[]>;
  /** In the order of their keys; of any resource of runtimes and identities. */
  listTags(arn: string): Promise<Readonly<Record<string, string>>>;
  /** Of the resource and of everything below it (`arn/…`), by ARN. */
  listTagsBelow(arn: string): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>>;
  /** Resource policies, as they were given, of the resource and of everything below it (`arn/…`), by ARN. */
  listPolicies(arn: string): Promise<ReadonlyMap<string, string>>;
  /** Runtimes that have a tag whose key begins so. */
  listRuntimesTagged(keyPrefix: string): Promise<readonly RuntimeId[]>;
  /** Whether any version pins the image. */
  isManifestUsed(manifest: string): Promise<boolean>;
}

/** Reads and writes of one transaction: all of them happen, or none. */
export interface RuntimeRecords extends RuntimeReads {
  /** Adds it, with its workload identity, or replaces it. */
  saveRuntime(runtime: Runtime): Promise<void>;
  saveVersion(version: RuntimeVersion): Promise<void>;
  saveEndpoint(endpoint: RuntimeEndpoint): Promise<void>;
  /** With its versions, endpoints, workload identity and all their tags and policies. */
  removeRuntime(runtime: Runtime): Promise<void>;
  removeVersion(version: RuntimeVersion): Promise<void>;
  /** With its tags and its policy. */
  removeEndpoint(runtime: Runtime, name: string): Promise<void>;
  putTags(arn: string, tags: Readonly<Record<string, string>>): Promise<void>;
  removeTags(arn: string, keys: readonly string[]): Promise<void>;
  /** Makes it the policy of a runtime or an endpoint, in the place of the one before. */
  putPolicy(arn: string, policy: string, atMs: number): Promise<void>;
  /** Does nothing when there is none. */
  removePolicy(arn: string): Promise<void>;
  /** Runs once the transaction is committed, and again until it succeeds, whatever happens to this process. */
  enqueue(job: RuntimeJob): Promise<void>;
}

export interface RuntimeStore extends RuntimeReads {
  /**
   * Transactions run one after the other, so what `run` reads holds until it is done. `run` must only use the records it is
   * given; what it throws undoes its writes and is thrown to the caller.
   */
  transact<Result>(run: (records: RuntimeRecords) => Promise<Result>): Promise<Result>;
  /** Calls `listener` after every committed change of a runtime, its versions, its endpoints, their tags or policies, until the returned function is called. */
  onChange(listener: (runtimeId: RuntimeId) => void): () => void;
}
