import type { LimitedRuntime } from './key-limits.ts';

/** What is known of a request beside who makes it and what it wants. */
export interface AccessContext {
  readonly requestId: string | undefined;
  /** The other end of the connection. */
  readonly sourceIp: string | undefined;
  /** Over TLS. */
  readonly isSecure: boolean;
  /** By whose name a runtime is called: its endpoint's policy counts as well. */
  readonly endpoint?: string | undefined;
  /** The runtime that is to be made. */
  readonly newRuntime?: LimitedRuntime | undefined;
  /** Asked again when more is known: a permission is not written down yet. */
  readonly isPreliminary?: boolean | undefined;
}
