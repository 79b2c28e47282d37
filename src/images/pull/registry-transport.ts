import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { BerthError, messageOf } from '../../shared/errors.ts';
import { isLoopback } from './registry-host.ts';

export interface RegistryResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Must be read or destroyed. */
  readonly body: AsyncIterable<Uint8Array> & { destroy(): void };
}

export interface RegistryCall {
  readonly url: URL;
  readonly method?: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

const headersTimeoutMs = 20_000;
const silenceTimeoutMs = 60_000;
const maxRedirects = 5;

/**
 * HTTP to other registries: TLS, except on loopback; proxies of the environment are used. A redirect to another origin never
 * carries the Authorization header. Rejects with `unavailable` when there is no answer, `access-denied` for an unsafe redirect.
 */
export class RegistryTransport implements AsyncDisposable {
  readonly #direct: Dispatcher = new Agent();
  readonly #outside: Dispatcher = new EnvHttpProxyAgent();

  async send(call: RegistryCall): Promise<RegistryResponse> {
    let { url, headers } = call;
    for (let redirects = 0; ; redirects += 1) {
      requireSafe(url, call.url);
      const response = await this.#sendOnce({ ...call, url, headers });
      const location = response.headers['location'];
      if (![301, 302, 303, 307, 308].includes(response.status) || typeof location !== 'string')
        return response;
      response.body.destroy();
      if (redirects === maxRedirects || call.method === 'POST' || !URL.canParse(location, url.href)) {
        throw new BerthError(
          'unavailable',
          `${url.host} redirects where Berth does not follow (after ${redirects} redirects).`,
        );
      }
      const next = new URL(location, url);
      if (next.origin !== url.origin) headers = withoutAuthorization(headers);
      url = next;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#direct.destroy(), this.#outside.destroy()]);
  }

  async #sendOnce({ url, method = 'GET', headers, body, signal }: RegistryCall): Promise<RegistryResponse> {
    try {
      const response = await request(url, {
        dispatcher: isLoopback(url) ? this.#direct : this.#outside,
        method,
        headers: { 'user-agent': 'berth', ...headers },
        body: body ?? null,
        signal: signal ?? null,
        headersTimeout: headersTimeoutMs,
        bodyTimeout: silenceTimeoutMs,
      });
      const { statusCode: status, headers: received, body: stream } = response;
      const destroy = () => void stream.on('error', () => {}).destroy();
      return {
        status,
        headers: received,
        body: { destroy, [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator]() },
      };
    } catch (error) {
      signal?.throwIfAborted();
      throw new BerthError(
        'unavailable',
        `The registry ${url.host} cannot be reached: ${messageOf(error)}.`,
        { cause: error },
      );
    }
  }
}

/** Outside hosts may neither make Berth speak without TLS nor send it to services of its own machine. */
function requireSafe(url: URL, first: URL): void {
  const isSafe = isLoopback(url)
    ? isLoopback(first) && /^https?:$/.test(url.protocol)
    : url.protocol === 'https:';
  if (isSafe && url.username === '' && url.password === '') return;
  throw new BerthError(
    'access-denied',
    `The registry ${first.host} leads to ${url.origin}, where Berth does not go: TLS is needed, except between addresses of this machine.`,
  );
}

function withoutAuthorization(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'authorization'));
}
