import type { RuntimeId } from '../shared/ids.ts';
/** How far a version's artifact has come; bytes, or layers while unpacking. */
export interface ArtifactProgress {
  readonly phase: 'resolving' | 'pulling' | 'unpacking';
  readonly done: number;
  readonly total: number;
}

export interface PreparationOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ArtifactProgress) => void;
  /** Of the sandboxes that will run it. */
  readonly isolation: string;
}

/** Makes what a version runs ready on this machine, so that its sandboxes start without further work. */
export interface ArtifactPreparation {
  /**
   * Resolves `uri` (a reference to a container image) to the digest of the manifest for this machine, with all content here and
   * unpacked. Idempotent. Rejects with a `BerthError`: `unavailable` may be over by the next attempt, any other code is for
   * good; its message becomes the version's failure reason.
   */
  prepare(uri: string, options: PreparationOptions): Promise<{ readonly manifest: string }>;
  /** Unpacks again what was given up because no endpoint served it. Idempotent; rejects as `prepare` does. */
  restore(manifest: string): Promise<void>;
  /** No version uses the image any more: it may be collected. Idempotent. */
  forget(manifest: string): Promise<void>;
}

/** The sessions that must end with a runtime or a version. */
export interface SessionsOfRuntime {
  /** Ends every live session of the runtime (or of one version of it); resolves when their sandboxes and their storage are gone. Idempotent. */
  endAll(runtimeId: RuntimeId, version?: number): Promise<void>;
}
