import type { RuntimeId, Scope } from '../shared/ids.ts';

/** What an agent is to the services it calls. */
export interface WorkloadIdentity extends Scope {
  /** Unique within account and region. */
  readonly name: string;
  /** Tells it from one of the same name that was deleted before. */
  readonly incarnation: string;
  /** The runtime that it was made for and goes with; undefined for one made by hand. */
  readonly ownerRuntimeId: RuntimeId | undefined;
  /** Where OAuth flows may send a user back to. */
  readonly returnUrls: readonly string[];
  readonly createdAtMs: number;
  readonly lastUpdatedAtMs: number;
}
