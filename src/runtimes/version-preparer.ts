import type { Clock } from '../shared/clock.ts';
import { BerthError, mayPass, messageOf } from '../shared/errors.ts';
import type { RuntimeId } from '../shared/ids.ts';
import type { ArtifactGate } from './artifact-gate.ts';
import type { ArtifactPreparation, ArtifactProgress } from './artifact-preparation.ts';
import type { RuntimeVersion } from './runtime.ts';
import { isBeingDeleted } from './require-runtime.ts';
import type { RuntimeEvents } from './runtime-events.ts';
import type { RuntimeStore } from './runtime-store.ts';
import { type PreparationOutcome, settleVersion } from './settle-version.ts';

export interface VersionPreparerParts {
  readonly store: RuntimeStore;
  readonly preparation: Pick<ArtifactPreparation, 'prepare'>;
  readonly gate: ArtifactGate;
  /** Of the runtime's sandboxes, as it is set now. */
  readonly isolationOf: (runtimeId: RuntimeId) => Promise<string>;
  readonly events: Pick<RuntimeEvents, 'versionReady' | 'versionFailed'>;
  readonly clock: Clock;
  /** A version that takes longer, over all attempts, has failed. 30 minutes when not given. */
  readonly timeoutMs?: number;
}

/** How often, and for how long, a failure that may pass is tried again before it counts. */
const mostAttempts = 4;
const patienceMs = 3 * 60_000;

/** Takes versions from CREATING or UPDATING to READY, or to failed with the true reason. */
export class VersionPreparer {
  readonly #parts: Required<VersionPreparerParts>;
  readonly #progress = new Map<string, ArtifactProgress>();
  readonly #running = new Map<RuntimeVersion, AbortController>();

  constructor(parts: VersionPreparerParts) {
    this.#parts = { timeoutMs: 30 * 60_000, ...parts };
  }

  /** How far a version has come, while it is being prepared by this process. */
  progressOf(runtimeId: RuntimeId, version: number): ArtifactProgress | undefined {
    return this.#progress.get(`${runtimeId} ${version}`);
  }

  /** The runtime is being deleted: whatever is being prepared for it is given up. */
  abandon(runtimeId: RuntimeId): void {
    for (const [version, abandoned] of this.#running) {
      if (version.runtimeId === runtimeId) abandoned.abort(new Error('The runtime is being deleted.'));
    }
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
    const runtime = await store.findRuntime(runtimeId);
    if (runtime === undefined || isBeingDeleted(runtime.status)) return;
    const startedAtMs = clock.now();
    const outcome = await gate.whilePreparing(async () => {
      const result = await this.#prepareArtifact(version, attempt);
      if (result !== undefined)
        await store.transact((records) => settleVersion(records, version, result, clock.now()));
      return result;
    });
    if (outcome === undefined) return;
    if ('manifest' in outcome) {
      const durationMs = clock.now() - startedAtMs;
      events.versionReady({ runtimeId, version: number, manifest: outcome.manifest, durationMs });
    } else {
      events.versionFailed({ runtimeId, version: number, reason: outcome.failureReason });
    }
  }

  /** Undefined when it was abandoned. */
  async #prepareArtifact(
    version: RuntimeVersion,
    { attempt, signal }: { readonly attempt: number; readonly signal: AbortSignal },
  ): Promise<PreparationOutcome | undefined> {
    const { preparation, isolationOf, clock, timeoutMs } = this.#parts;
    const key = `${version.runtimeId} ${version.version}`;
    const timeout = new AbortController();
    const abandoned = new AbortController();
    const spentMs = clock.now() - version.createdAtMs;
    const cancelTimeout = clock.after(Math.max(0, timeoutMs - spentMs), () =>
      timeout.abort(tookTooLong(timeoutMs)),
    );
    this.#running.set(version, abandoned);
    try {
      const prepared = await preparation.prepare(version.artifact.uri, {
        isolation: await isolationOf(version.runtimeId),
        signal: AbortSignal.any([signal, timeout.signal, abandoned.signal]),
        onProgress: (progress) => this.#progress.set(key, progress),
      });
      return { manifest: prepared.manifest };
    } catch (error) {
      if (signal.aborted) throw error;
      if (abandoned.signal.aborted) return undefined;
      if (timeout.signal.aborted) return { failureReason: tookTooLong(timeoutMs).message };
      const hasPatience = attempt < mostAttempts && clock.now() - version.createdAtMs < patienceMs;
      if (mayPass(error) && hasPatience) throw error;
      return { failureReason: messageOf(error) };
    } finally {
      cancelTimeout();
      this.#running.delete(version);
      this.#progress.delete(key);
    }
  }
}

function tookTooLong(timeoutMs: number): BerthError {
  return new BerthError(
    'unavailable',
    `The image could not be fetched and unpacked within ${Math.round(timeoutMs / 60_000)} minutes. Check the connection to its registry and the free disk space, then update the runtime.`,
  );
}
