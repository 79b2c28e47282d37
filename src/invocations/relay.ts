import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { protocolPaths } from '../runtimes/runtime.ts';
import type { SessionLease } from '../sessions/session-lease.ts';
import type { Clock } from '../shared/clock.ts';
import { contentTypeFor } from './content-type.ts';
import { agentRequestHeaders } from './request-headers.ts';
import { type Caller, RunningCall, type RunningCallParts } from './running-call.ts';
import { type CallIdentity, RunningCalls } from './running-calls.ts';
import type { TraceContext } from './trace-context.ts';
import { UpstreamPools } from './upstream-pools.ts';

export interface Invocation {
  /** Held until the call is over. */
  readonly lease: SessionLease;
  readonly method: 'POST' | 'GET' | 'DELETE';
  /** Another one than the protocol's own. */
  readonly path?: string | undefined;
  /** Of the caller's request. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
  readonly sizeBytes: number;
  /** The body has been taken in whole, away from the caller's connection. */
  readonly isSpooled: boolean;
  readonly requestId: string;
  readonly traceId: string;
  /** In place of the caller's own trace headers. */
  readonly trace?: TraceContext | undefined;
  /** Undefined when a re-send could not be told from another request. */
  readonly identity: CallIdentity | undefined;
  /** To what the agent gets: its protocol's own, and its workload token. */
  readonly addedHeaders: Readonly<Record<string, string>>;
  readonly onHead?: RunningCallParts['onHead'];
  /** The Authorization header holds a token, not a signature, and may go to a version that asks for it. */
  readonly hasTokenCaller: boolean;
  readonly caller: Caller;
}

const resendWaitMs = 5_000;

/** Relays requests into sandboxes and the answers back, bytes as they are. */
export class Relay implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #pools = new UpstreamPools();
  readonly #calls = new RunningCalls();

  constructor(parts: { readonly clock: Clock }) {
    this.#clock = parts.clock;
  }

  /** Resolves when the call is over; every failure is told to the caller, or ends its connection. */
  async run(invocation: Invocation): Promise<void> {
    const { lease, method, headers, body, sizeBytes, isSpooled, requestId, traceId, identity, caller } =
      invocation;
    const contentType = method === 'POST' ? await contentTypeFor(headers['content-type'], body) : undefined;
    const { version, session } = lease;
    const call = new RunningCall({
      lease,
      body,
      isBodySafe: () => isSpooled || body.readableEnded,
      resendWaitMs: identity === undefined ? 0 : resendWaitMs,
      onHead: invocation.onHead,
      clock: this.#clock,
    });
    if (identity !== undefined) this.#calls.add(identity, call);
    call.attach(caller);
    const agentHeaders = agentRequestHeaders({
      headers,
      contentType,
      sizeBytes,
      sessionId: session.id,
      requestId,
      traceId,
      trace: invocation.trace,
      protocol: version.protocol,
      headerAllowlist: version.headerAllowlist,
      hasTokenCaller: invocation.hasTokenCaller,
    });
    Object.assign(agentHeaders, invocation.addedHeaders);
    const path = invocation.path ?? protocolPaths[version.protocol];
    this.#pools
      .of(lease)
      .dispatch(
        { method, path, headers: agentHeaders, body: method !== 'POST' || sizeBytes === 0 ? null : body },
        call,
      );
    await call.over;
  }

  /** The call that a re-send belongs to. */
  reserve(...[identity]: Parameters<RunningCalls['reserve']>): ReturnType<RunningCalls['reserve']> {
    return this.#calls.reserve(identity);
  }

  /** Cuts what is still running. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#pools[Symbol.dispose]();
  }
}
