import { messageOf } from '../../shared/errors.ts';
import { guardedRequest, type GuardedRequestParts } from '../../shared/guarded-request.ts';

const timeoutMs = 5_000;

/** Reads JSON documents of issuers, which are untrusted. */
export class IssuerClient {
  readonly #parts: GuardedRequestParts;

  constructor(parts: GuardedRequestParts) {
    this.#parts = parts;
  }

  /** Rejects with an `Error` that says why, for the log: callers who are not proven learn nothing of it. */
  async fetchJson(url: URL): Promise<unknown> {
    try {
      const { statusCode, body } = await guardedRequest(
        url,
        { headers: { accept: 'application/json' }, timeoutMs, isRead: (status) => status === 200 },
        this.#parts,
      );
      if (body === undefined) throw new Error(`it answers ${statusCode}; redirects are not followed`);
      return JSON.parse(body.toString());
    } catch (error) {
      throw new Error(`${url.href} cannot be read: ${messageOf(error)}`, { cause: error });
    }
  }
}
