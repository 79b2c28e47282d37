/** For the log and the counters. */
export interface AnsweredRequest {
  readonly requestId: string;
  /** Undefined when the path names none. */
  readonly operation: string | undefined;
  readonly accessKeyId: string | undefined;
  /** Of a caller that acts as the role of its sandbox. */
  readonly runtimeId?: string;
  readonly sessionId?: string;
  readonly status: number;
  readonly durationMs: number;
}
