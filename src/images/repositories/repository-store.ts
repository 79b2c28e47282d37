import type { Digest } from '../digest.ts';

/** Content that a repository serves. */
export interface LinkedContent {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** Of a manifest; undefined for a layer or configuration. */
  readonly mediaType: string | undefined;
}

/** What is kept of a manifest beside its bytes. */
export interface NewManifest {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly mediaType: string;
  readonly subject: Digest | undefined;
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  /** Content of the same repository that it needs. */
  readonly references: readonly Digest[];
}

export interface Referrer extends LinkedContent {
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface TaggedImage {
  readonly repository: string;
  readonly tag: string;
  readonly digest: Digest;
  readonly mediaType: string;
  /** The manifest and what it directly refers to. */
  readonly sizeBytes: number;
  readonly updatedAtMs: number;
}

/** `in-use` when a manifest of the repository needs it. */
export type Removal = 'removed' | 'absent' | 'in-use';

/** Which content each repository serves, and its tags. Names are parsed by the caller; lists are in byte order. */
export interface RepositoryStore {
  exists(repository: string): Promise<boolean>;
  find(repository: string, digest: Digest): Promise<LinkedContent | undefined>;
  findTag(repository: string, tag: string): Promise<Digest | undefined>;

  /** Content that is linked already is touched, and stays a manifest if it was one. */
  linkBlob(repository: string, digest: Digest, sizeBytes: number, nowMs: number): Promise<void>;
  /** Puts off its collection. */
  touch(repository: string, digest: Digest, nowMs: number): Promise<void>;
  /** Links the manifest and moves `tag` to it, at once. */
  putManifest(
    repository: string,
    manifest: NewManifest,
    tag: string | undefined,
    nowMs: number,
  ): Promise<void>;

  removeTag(repository: string, tag: string, nowMs: number): Promise<boolean>;
  /** Removes its tags too. */
  removeManifest(repository: string, digest: Digest, nowMs: number): Promise<Removal>;
  removeBlob(repository: string, digest: Digest): Promise<Removal>;

  /** Strictly after `after`. */
  listTags(repository: string, after: string, limit: number): Promise<readonly string[]>;
  listRepositories(after: string, limit: number): Promise<readonly string[]>;
  listReferrers(query: ReferrerQuery): Promise<readonly Referrer[]>;
  /** By repository and tag, strictly after the given pair. */
  listImages(
    after: { readonly repository: string; readonly tag: string },
    limit: number,
  ): Promise<readonly TaggedImage[]>;

  /** Unlinks blobs that no manifest of their repository needs and that were last touched before. Returns how many. */
  collectBlobs(beforeMs: number): Promise<number>;
  /** Manifests without a tag, last touched before, that neither an index nor (as referrer) a present subject keeps. */
  listUntagged(
    beforeMs: number,
  ): Promise<readonly { readonly repository: string; readonly digest: Digest }[]>;
  /** Removes one of those, if that still holds. */
  removeUntagged(repository: string, digest: Digest, beforeMs: number, nowMs: number): Promise<boolean>;
}

export interface ReferrerQuery {
  readonly repository: string;
  readonly subject: Digest;
  readonly artifactType: string | undefined;
  readonly after: string;
  readonly limit: number;
}
