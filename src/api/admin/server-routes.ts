import type { EngineReport } from '../../sandboxes/sandbox-driver.ts';
import type { ImageStoreState } from '../../images/water-marks.ts';
import { type AdminRoute, json } from './admin-request.ts';

export interface ServerStatus {
  readonly version: string;
  /** Base of the URLs in its answers. */
  readonly url: string;
  readonly region: string;
  readonly accountId: string;
  readonly startedAtMs: number;
  /** `isolation` is the one that runtimes get by default. */
  readonly engine: EngineReport & { readonly isolation: string };
  readonly runtimes: number;
  readonly liveSessions: number;
  readonly imageStore: ImageStoreState;
}

export interface ServerView {
  status(): Promise<ServerStatus>;
}

export function serverRoutes(server: ServerView): readonly AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/server',
      action: 'berth:GetServer',
      answer: async () => json(await server.status()),
    },
  ];
}
