import type { SessionOverview } from '../../sessions/session-overview.ts';
import type { PoolView } from '../../sessions/warm-pool/warm-pool.ts';
import { type AdminRoute, emptyAnswer, json } from './admin-request.ts';

/** What a sandbox, or several, take; members are missing where the engine does not know. */
interface Taken {
  readonly memoryBytes?: number;
  /** Since their start. */
  readonly cpuMs?: number;
}

/** What runs, what it takes, and what waits. */
export interface Load {
  readonly atMs: number;
  readonly machine: {
    readonly cpus: number;
    readonly memoryBytes: number;
    readonly availableBytes: number;
    /** Of the last minute. */
    readonly loadAverage: number;
  };
  /** That holds the state directory. */
  readonly disk: {
    readonly freeBytes: number;
    /** With less free than this nothing new is started. */
    readonly reserveBytes: number;
    /** Of live and ended sessions: kept for its time, however full the disk is. */
    readonly sessionStorageBytes: number;
  };
  readonly starts: {
    readonly inFlight: number;
    readonly limit: number;
    readonly waiting: number;
    readonly queues: readonly { readonly runtimeId: string; readonly waiting: number }[];
  };
  readonly sessions: readonly (SessionOverview & Taken)[];
  readonly pools: readonly (Omit<PoolView, 'sandboxIds'> & Taken)[];
}

export interface LoadView {
  load(): Promise<Load>;
  /** Ends the sandboxes that have no session, and keeps none from then on. */
  closePools(): Promise<void>;
}

export function loadRoutes(view: LoadView): readonly AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/load',
      action: 'berth:GetLoad',
      answer: async () => json(await view.load()),
    },
    {
      method: 'POST',
      path: '/pools/close',
      action: 'berth:ClosePools',
      async answer() {
        await view.closePools();
        return emptyAnswer;
      },
    },
  ];
}
