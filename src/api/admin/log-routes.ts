import { z } from 'zod';
import type { RuntimeId, SessionId } from '../../shared/ids.ts';
import { type AdminRoute, readQuery, runtimeIdInQuery } from './admin-request.ts';

export interface LogQuery {
  readonly runtimeId: RuntimeId;
  /** Of all sessions of the runtime when undefined. */
  readonly sessionId: SessionId | undefined;
  /** Only this many of the last lines of each log. */
  readonly tail: number | undefined;
  /** Goes on as agents write. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** What agents wrote to stdout and stderr. */
export interface LogsView {
  /** Lines with their line ends, control characters made visible. Rejects with `not-found` for an unknown runtime or session. */
  open(query: LogQuery): Promise<AsyncIterable<string>>;
}

const querySchema = z.strictObject({
  runtimeId: z.string().min(1),
  sessionId: z.string().min(1).optional(),
  tail: z.coerce.number().int().min(0).max(1_000_000).optional(),
  follow: z.enum(['true', 'false']).optional(),
});

export function logRoutes(logs: LogsView): readonly AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/logs',
      action: 'berth:GetLogs',
      runtimeIdOf: runtimeIdInQuery,
      async answer({ query, signal }) {
        const { runtimeId, sessionId, tail, follow } = readQuery(querySchema, query);
        const lines = await logs.open({
          runtimeId: runtimeId as RuntimeId,
          sessionId: sessionId as SessionId | undefined,
          tail,
          follow: follow === 'true',
          signal,
        });
        return { kind: 'text', lines };
      },
    },
  ];
}
