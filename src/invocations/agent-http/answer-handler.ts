import type { IncomingHttpHeaders } from 'node:http';

/** How a call steers what it gets from an agent. */
export interface AnswerController {
  /** Nothing more is handed over until `resume`. */
  pause(): void;
  resume(): void;
  /** Closes the connection; the call's `onResponseError` gets `reason`. */
  abort(reason: Error): void;
}

/** What becomes of one request to an agent: a head and its data, then an end; or an error at any point. */
export interface AnswerHandler {
  onRequestStart(controller: AnswerController): void;
  /** Also for 100 to 199, which announce another head. Lower-case names. */
  onResponseStart(controller: AnswerController, status: number, headers: IncomingHttpHeaders): void;
  onResponseData(controller: AnswerController, chunk: Buffer): void;
  onResponseEnd(): void;
  onResponseError(error: Error): void;
}

export type AgentFailureKind =
  | 'closed'
  | 'refused'
  | 'connect-timeout'
  | 'head-timeout'
  | 'data-timeout'
  | 'head-too-large'
  | 'not-http';

/** What an agent, or the way to it, did wrong. */
export class AgentFailure extends Error {
  override readonly name = 'AgentFailure';
  readonly kind: AgentFailureKind;

  constructor(kind: AgentFailureKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
