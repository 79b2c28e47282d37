import { sandboxes } from './requirements/sandboxes.ts';
import { wire } from './requirements/wire.ts';

/** Everything Berth promises: id, sentence and where the promise comes from. Tests cite the ids; a test checks that none is uncited. */
export const requirements = { ...sandboxes, ...wire };

export type RequirementId = keyof typeof requirements;

/** Names the promises that a test keeps. */
export function verifies(..._ids: [RequirementId, ...RequirementId[]]): void {}
