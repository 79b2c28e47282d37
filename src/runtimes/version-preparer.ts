import type { Clock } from '../shared/clock.ts';
import { BerthError, messageOf } from '../shared/errors.ts';
import type { RuntimeId } from '../shared/ids.ts';
import type { ArtifactGate } from './artifact-gate.ts';
import type { ArtifactPreparation, ArtifactProgress } from './artifact-preparation.ts';
import type { RuntimeVersion } from './runtime.ts';
import type { RuntimeEvents } from './runtime-events.ts';
import type { RuntimeStore } from './runtime-store.ts';
import { type PreparationOutcome, settleVersion } from './settle-version.ts';

export interface VersionPreparerParts {
  readonly store: RuntimeStore;
  readonly preparation: Pick<ArtifactPreparation, 'prepare'>;
  readonly gate: ArtifactGate;
  readonly events: Pick<RuntimeEvents, 'versionReady' | 'versionFailed'>;
  readonly clock: Clock;
  /** A version that takes longer has failed. 30 minutes when not given. */
  readonly timeoutMs?: number;
}

/** How often a failure that may pass is tried before it counts. */
const mostAttempts = 4;

/** Takes versions from CREATING or UPDATING to READY, or to failed with the true reason. */
export class VersionPreparer {
  readonly #parts: Required<VersionPreparerParts>;
  readonly #progress = new Map<string, ArtifactProgress>();

  constructor(parts: VersionPreparerParts) {
    this.#parts = { timeoutMs: 30 * 60_000, ...parts };
  }

  /** How far a version has come, while it is being prepared by this process. */
  progressOf(runtimeId: RuntimeId, version: number): ArtifactProgress | undefined {
    return this.#progress.get(`${runtimeId} ${version}`);
  }

  /** Rejects, to be tried again, for a failure that may pass; a version that is settled already is left alone. */
  async prepare(
    runtimeId: RuntimeId,
    number: number,
    attempt: { readonly attempt: number; readonly signal: AbortSignal },
  ): Promise<void> {
    const { store, gate, clock, events } = this.#parts;
    const version = await store.findVersion(runtimeId, number);
    if (version === undefined || (version.status !== 'CREATING' && version.status !== 'UPDATING')) return;
    const startedAtMs = clock.now();
    const outcome = await gate.whilePreparing(async () => {
      const result = await this.#prepareArtifact(version, attempt);
      await store.transact((records) => settleVersion(records, version, result, clock.now()));
      return result;
    });
    if ('manifest' in outcome) {
      const durationMs = clock.now() - startedAtMs;
      events.versionReady({ runtimeId, version: number, manifest: outcome.manifest, durationMs });
    } else {
      events.versionFailed({ runtimeId, version: number, reason: outcome.failureReason });
    }
  }

  async #prepareArtifact(
    version: RuntimeVersion,
    { attempt, signal }: { readonly attempt: number; readonly signal: AbortSignal },
  ): Promise<PreparationOutcome> {
    const { preparation, clock, timeoutMs } = this.#parts;
    const key = `${version.runtimeId} ${version.version}`;
    const timeout = new AbortController();
    const cancelTimeout = clock.after(timeoutMs, () => timeout.abort(tookTooLong(timeoutMs)));
    try {
      const prepared = await preparation.prepare(version.artifact.uri, {
        signal: AbortSignal.any([signal, timeout.signal]),
        onProgress: (progress) => this.#progress.set(key, progress),
      });
      return { manifest: prepared.manifest };
    } catch (error) {
      if (signal.aborted) throw error;
      if (timeout.signal.aborted) return { failureReason: tookTooLong(timeoutMs).message };
      if (mayPass(error) && attempt < mostAttempts) throw error;
      return { failureReason: messageOf(error) };
    } finally {
      cancelTimeout();
      this.#progress.delete(key);
    }
  }
}

function mayPass(error: unknown): boolean {
  return !(error instanceof BerthError) || error.code === 'unavailable' || error.code === 'internal';
}

function tookTooLong(timeoutMs: number): BerthError {
  return new BerthError(
    'unavailable',
    `The image could not be fetched and unpacked within ${Math.round(timeoutMs / 60_000)} minutes. Check the connection to its registry and the free disk space, then update the runtime.`,
  );
}
