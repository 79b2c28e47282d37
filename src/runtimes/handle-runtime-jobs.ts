import { ArtifactGate } from './artifact-gate.ts';
import type { ArtifactPreparation } from './artifact-preparation.ts';
import type { RuntimeEvents } from './runtime-events.ts';
import { createRuntimeJobs, type RunJob, type RuntimeJobParts } from './runtime-jobs.ts';
import { VersionPreparer, type VersionPreparerParts } from './version-preparer.ts';

export interface HandleRuntimeJobsParts
  extends Pick<RuntimeJobParts, 'store' | 'sessions' | 'clock'>, Pick<VersionPreparerParts, 'isolationOf'> {
  readonly preparation: ArtifactPreparation;
  readonly events: RuntimeEvents;
  /** Of the queue of jobs: who does those of one kind, and how many of them at a time. */
  readonly handle: (kind: string, run: RunJob, concurrency?: number) => void;
}

/** Some registries do not answer for minutes; the others' images must not wait for them. */
const preparedAtOnce = 16;

/** Has a queue do the work of runtimes. Returns what prepares versions, which knows how far each has come. */
export function handleRuntimeJobs(parts: HandleRuntimeJobsParts): VersionPreparer {
  const gate = new ArtifactGate();
  const preparer = new VersionPreparer({ ...parts, gate });
  const jobs = createRuntimeJobs({ ...parts, preparer, artifacts: parts.preparation, gate });
  for (const [kind, run] of Object.entries(jobs))
    parts.handle(kind, run, kind === 'prepare-version' ? preparedAtOnce : undefined);
  return preparer;
}
