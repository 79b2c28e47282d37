import { messageOf } from '../../shared/errors.ts';
import { RefusedDestinationError } from '../../shared/guarded-lookup.ts';
import { guardedRequest, type GuardedRequestParts } from '../../shared/guarded-request.ts';

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
const bodiless = new Set([204, 205]);

/** Calls providers, whose URLs others chose. */
export class ProviderHttp {
  readonly #parts: GuardedRequestParts;

  constructor(parts: GuardedRequestParts) {
    this.#parts = parts;
  }

  /** Rejects with `RefusedDestinationError`, or with `ProviderHttpError` also for redirects, 429 and 5xx. */
  async fetch(url: URL, sent: ProviderRequest): Promise<Response> {
    const { statusCode, contentType, body } = await guardedRequest(
      url,
      { ...sent, timeoutMs, isRead: isUsable },
      this.#parts,
    ).catch((error: unknown) => {
      if (error instanceof RefusedDestinationError) throw error;
      throw new ProviderHttpError(`${url.origin}${url.pathname}: ${messageOf(error)}`, { cause: error });
    });
    if (body === undefined)
      throw new ProviderHttpError(
        `${url.origin}${url.pathname}: it answers ${statusCode}; redirects are not followed`,
        { isThrottled: statusCode === 429 },
      );
    // Only what says how to read it: a challenge would hide the error that the body names.
    return new Response(bodiless.has(statusCode) ? null : body, {
      status: statusCode,
      headers: contentType === undefined ? {} : { 'content-type': contentType },
    });
  }
}

function isUsable(statusCode: number): boolean {
  return statusCode < 500 && statusCode !== 429 && !(statusCode >= 300 && statusCode < 400);
}
