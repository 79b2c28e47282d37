import type { RuntimeId, Scope, SessionId } from '../shared/ids.ts';

/** For the right to use a session's sandbox. */
export interface SessionRequest {
  readonly scope: Scope;
  readonly runtimeId: RuntimeId;
  /** Name of the endpoint. */
  readonly qualifier: string;
  readonly sessionId: SessionId;
  /** No sandbox is started for it. */
  readonly mustBeLive?: boolean | undefined;
  /** The caller goes away; a start that it caused goes on. */
  readonly signal: AbortSignal;
}
