import { lookup } from 'node:dns/promises';
import { Agent, request } from 'undici';
import type { Clock } from '../../shared/clock.ts';
import { messageOf } from '../../shared/errors.ts';
import {
  type DestinationPolicy,
  guardedLookup,
  RefusedDestinationError,
  type Resolve,
} from '../../shared/guarded-lookup.ts';

export interface ProviderHttpParts {
  readonly policy: DestinationPolicy;
  readonly clock: Clock;
  /** The system's resolver when absent. */
  readonly resolve?: Resolve;
}

/** What a flow sends to a provider. */
export interface ProviderRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Why a provider's answer could not be had. Its message names the URL's origin and path, never what was sent or answered. */
export class ProviderHttpError extends Error {
  override readonly name = 'ProviderHttpError';
  readonly isThrottled: boolean;

  constructor(message: string, options: { readonly cause?: unknown; readonly isThrottled?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.isThrottled = options.isThrottled === true;
  }
}

const timeoutMs = 10_000;
const largestBytes = 256 * 1024;
const bodiless = new Set([204, 205, 304]);

/** Calls providers, whose URLs others chose: bounded in size and time, no redirects, no way into private networks. */
export class ProviderHttp {
  readonly #parts: Required<ProviderHttpParts>;

  constructor(parts: ProviderHttpParts) {
    this.#parts = { resolve: (hostname) => lookup(hostname, { all: true }), ...parts };
  }

  /** Rejects with `RefusedDestinationError`, or with `ProviderHttpError` also for redirects, 429 and 5xx. */
  async fetch(url: URL, sent: ProviderRequest): Promise<Response> {
    const { policy, clock, resolve } = this.#parts;
    const problem = policy.problemOf(url);
    if (problem !== undefined) throw new RefusedDestinationError(problem);
    const late = Promise.withResolvers<never>();
    const cancel = clock.after(timeoutMs, () =>
      late.reject(new Error(`no answer within ${timeoutMs / 1000} s`)),
    );
    // Of its own, since each connection must have passed this URL's check.
    const agent = new Agent({ connections: 1, connect: { lookup: guardedLookup(url, policy, resolve) } });
    try {
      return await Promise.race([exchange(agent, url, sent), late.promise]);
    } catch (error) {
      if (error instanceof ProviderHttpError) throw error;
      const refused = refusalIn(error);
      if (refused !== undefined) throw refused;
      throw new ProviderHttpError(`${url.origin}${url.pathname}: ${messageOf(error)}`, { cause: error });
    } finally {
      cancel();
      await agent.destroy();
    }
  }
}

async function exchange(agent: Agent, url: URL, sent: ProviderRequest): Promise<Response> {
  const { method, body: content } = sent;
  const { statusCode, headers, body } = await request(url, {
    dispatcher: agent,
    method,
    headers: { 'user-agent': 'berth', ...sent.headers },
    ...(content !== undefined && { body: content }),
  });
  if (statusCode >= 500 || statusCode === 429 || (statusCode >= 300 && statusCode < 400)) {
    body.on('error', () => {}).destroy();
    throw new ProviderHttpError(
      `${url.origin}${url.pathname}: it answers ${statusCode}; redirects are not followed`,
      { isThrottled: statusCode === 429 },
    );
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > largestBytes) throw new Error(`it is longer than ${largestBytes} bytes`);
    chunks.push(chunk);
  }
  // Only what says how to read it: a challenge would hide the error that the body names.
  const type = [headers['content-type']].flat()[0];
  return new Response(bodiless.has(statusCode) ? null : Buffer.concat(chunks), {
    status: statusCode,
    headers: type === undefined ? {} : { 'content-type': type },
  });
}

function refusalIn(error: unknown): RefusedDestinationError | undefined {
  for (let at = error; at instanceof Error; at = at.cause)
    if (at instanceof RefusedDestinationError) return at;
  return undefined;
}
