import { getCACertificates } from 'node:tls';
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { BerthError, messageOf } from '../../shared/errors.ts';
import type { HostTls } from './pull-host.ts';
import { isLoopback } from './registry-host.ts';

export interface RegistryResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Must be read or destroyed. */
  readonly body: AsyncIterable<Uint8Array> & { destroy(): void };
}

export interface RegistryCall {
  readonly url: URL;
  /** The client's part of it goes to the origin of `url` only. */
  readonly tls?: HostTls | undefined;
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
 * carries the Authorization header, headers of the configuration, or the client's certificate. Rejects with `unavailable` when there is no answer, `access-denied` for an unsafe redirect or an unknown CA.
 */
export class RegistryTransport implements AsyncDisposable {
  readonly #ways = new Map<string, Ways>();

  async send(call: RegistryCall): Promise<RegistryResponse> {
    let { url, headers, tls } = call;
    for (let redirects = 0; ; redirects += 1) {
      requireSafe(url, call.url);
      const response = await this.#sendOnce({ ...call, url, headers, tls });
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
      if (next.origin !== url.origin) {
        headers = withoutSecrets(headers);
        tls = tls && { ...tls, client: undefined };
      }
      url = next;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ways = [...this.#ways.values()].flatMap(({ direct, outside }) => [direct, outside]);
    await Promise.all(ways.map((way) => way.destroy()));
  }

  /** Connections are kept for calls that prove themselves in the same way. */
  #waysFor(tls: HostTls | undefined): Ways {
    const key = JSON.stringify(tls ?? null);
    const found = this.#ways.get(key);
    if (found !== undefined) return found;
    const connect = tls && { ca: [...getCACertificates('default'), ...tls.ca], ...tls.client };
    const made = {
      direct: new Agent({ ...(connect && { connect }) }),
      outside: new EnvHttpProxyAgent({ ...(connect && { connect, requestTls: connect }) }),
    };
    this.#ways.set(key, made);
    return made;
  }

  async #sendOnce({
    url,
    tls,
    method = 'GET',
    headers,
    body,
    signal,
  }: RegistryCall): Promise<RegistryResponse> {
    try {
      const { direct, outside } = this.#waysFor(tls);
      const response = await request(url, {
        dispatcher: isLoopback(url) ? direct : outside,
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
      if (isOfUnknownIssuer(error)) throw unknownIssuer(error, url);
      throw new BerthError(
        'unavailable',
        `The registry ${url.host} cannot be reached: ${messageOf(error)}.`,
        { cause: error },
      );
    }
  }
}

interface Ways {
  readonly direct: Dispatcher;
  /** Through a proxy, if the environment names one. */
  readonly outside: Dispatcher;
}

/** Certificates that nobody here vouches for. */
const unknownIssuers = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

function isOfUnknownIssuer(error: unknown): boolean {
  return error instanceof Error && 'code' in error && unknownIssuers.has(String(error.code));
}

/** Nothing that another attempt would change. */
function unknownIssuer(cause: unknown, { host }: URL): BerthError {
  return new BerthError(
    'access-denied',
    `The registry ${host} cannot be trusted: ${messageOf(cause)}. If its CA is your own, put that into ${host}/ca.crt in a folder of BERTH_REGISTRY_CERTS.`,
    { cause },
  );
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

/** Everything but what says which part of which content is wanted. */
function withoutSecrets(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => ['accept', 'range'].includes(name)));
}
