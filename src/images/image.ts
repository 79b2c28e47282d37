import type { Digest } from './digest.ts';
import type { Platform } from './platform.ts';

/** A manifest for this machine's platform, with its content in the blob store and pinned. */
export interface ResolvedImage {
  readonly manifest: Digest;
  readonly platform: string;
  readonly sizeBytes: number;
  /** Names exactly this content, at the place it came from. */
  readonly reference: string;
  /** False: its layers are not here yet. */
  readonly isWhole: boolean;
}

export interface ResolveProgress {
  readonly phase: 'resolving' | 'pulling';
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface ResolveOptions {
  readonly onProgress?: (progress: ResolveProgress) => void;
  readonly signal?: AbortSignal;
  /** Layers that can be read piece by piece (eStargz, all of them) are left where they are. */
  readonly isLazy?: boolean;
  /** Of the sandboxes that will run it: what they run decides which platforms will do. Any isolation when not given. */
  readonly isolation?: string | undefined;
}

/** What sandboxes of an isolation, or of any, run on this machine, best first; asked for each image. */
export type PlatformsOf = (isolation: string | undefined) => Promise<readonly Platform[]>;

/**
 * Turns what a user wrote as container URI into content on this machine. Failures are `BerthError`s whose message becomes
 * the runtime's failure reason: `not-found`, `validation` (no matching platform, wrong digest), `access-denied`, `unavailable`.
 */
export interface ImageResolver {
  resolve(containerUri: string, options?: ResolveOptions): Promise<ResolvedImage>;
}
