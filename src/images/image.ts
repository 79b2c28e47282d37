import type { Digest } from './digest.ts';

/** A manifest for this machine's platform, with all its content in the blob store and pinned. */
export interface ResolvedImage {
  readonly manifest: Digest;
  readonly platform: string;
  readonly sizeBytes: number;
}

export interface ResolveProgress {
  readonly phase: 'resolving' | 'pulling';
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/**
 * Turns what a user wrote as container URI into content on this machine. Failures are `BerthError`s whose message becomes
 * the runtime's failure reason: `not-found`, `validation` (no matching platform, wrong digest), `access-denied`, `unavailable`.
 */
export interface ImageResolver {
  resolve(
    containerUri: string,
    options?: { onProgress?: (progress: ResolveProgress) => void; signal?: AbortSignal },
  ): Promise<ResolvedImage>;
}
