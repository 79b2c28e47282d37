import { lookup } from 'node:dns/promises';
import { Agent, request } from 'undici';
import type { Clock } from './clock.ts';
import {
  type DestinationPolicy,
  guardedLookup,
  RefusedDestinationError,
  type Resolve,
} from './guarded-lookup.ts';

export interface GuardedRequestParts {
  readonly policy: DestinationPolicy;
  readonly clock: Clock;
  /** The system's resolver when absent. */
  readonly resolve?: Resolve;
}

export interface GuardedRequestOptions {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** For all of it: name, connection, and the whole answer. */
  readonly timeoutMs: number;
  /** An answer with another status is not read; redirects are never followed. */
  readonly isRead: (statusCode: number) => boolean;
}

export interface GuardedAnswer {
  readonly statusCode: number;
  readonly contentType: string | undefined;
  /** Undefined where the status says that it is not wanted. */
  readonly body: Buffer | undefined;
}

const largestBytes = 256 * 1024;

/**
 * One request to a URL that somebody else chose: bounded in size and time, no redirects, and only to destinations that the policy
 * allows. Rejects with `RefusedDestinationError`, or with an `Error` whose message is safe to show: it names nothing that was sent.
 */
export async function guardedRequest(
  url: URL,
  options: GuardedRequestOptions,
  { policy, clock, resolve = (hostname) => lookup(hostname, { all: true }) }: GuardedRequestParts,
): Promise<GuardedAnswer> {
  const problem = policy.problemOf(url);
  if (problem !== undefined) throw new RefusedDestinationError(problem);
  const late = Promise.withResolvers<never>();
  const cancel = clock.after(options.timeoutMs, () =>
    late.reject(new Error(`no answer within ${options.timeoutMs / 1000} s`)),
  );
  // Of its own, since each connection must have passed this URL's check.
  const agent = new Agent({ connections: 1, connect: { lookup: guardedLookup(url, policy, resolve) } });
  try {
    // Not by a signal: the library looks at none while a name is resolved or a connection is made.
    return await Promise.race([exchange(agent, url, options), late.promise]);
  } catch (error) {
    throw refusalIn(error) ?? error;
  } finally {
    cancel();
    await agent.destroy();
  }
}

async function exchange(
  dispatcher: Agent,
  url: URL,
  { method = 'GET', headers: sent = {}, body: content, isRead }: GuardedRequestOptions,
): Promise<GuardedAnswer> {
  const { statusCode, headers, body } = await request(url, {
    dispatcher,
    method,
    headers: { 'user-agent': 'berth', ...sent },
    ...(content !== undefined && { body: content }),
  });
  const contentType = [headers['content-type']].flat()[0];
  if (!isRead(statusCode)) {
    body.on('error', () => {}).destroy();
    return { statusCode, contentType, body: undefined };
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > largestBytes) throw new Error(`it is longer than ${largestBytes} bytes`);
    chunks.push(chunk);
  }
  return { statusCode, contentType, body: Buffer.concat(chunks) };
}

/** The library wraps what a lookup fails with. */
function refusalIn(error: unknown): RefusedDestinationError | undefined {
  for (let at = error; at instanceof Error; at = at.cause)
    if (at instanceof RefusedDestinationError) return at;
  return undefined;
}
