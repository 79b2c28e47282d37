import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { Agent } from 'undici';
import { messageOf } from '../../shared/errors.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import type { ServerCredentials } from '../credentials/server-credentials.ts';
import { parseApiError } from './api-error.ts';

export interface ApiRequest {
  readonly method: string;
  /** Encoded, from the server's root. */
  readonly path: string;
  /** A list is sent as one parameter for each of its values. */
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** Proves the caller instead of a signature. */
  readonly bearerToken?: string | undefined;
}

export interface ApiAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Calls one server as any AWS client would: signed with SigV4 unless there is a bearer token, without a time limit of its own. */
export interface ServerClient extends AsyncDisposable {
  readonly credentials: ServerCredentials;
  /** Rejects with `ApiError` when the answer is not 2xx, and with `CliError` when no server answers. */
  send(request: ApiRequest): Promise<ApiAnswer>;
  /** Address and headers of a request that somebody else sends. */
  sign(
    request: Omit<ApiRequest, 'signal'>,
  ): Promise<{ readonly url: string; readonly headers: Readonly<Record<string, string>> }>;
  /** The answer's JSON; `undefined` when its body is empty. */
  json(request: Omit<ApiRequest, 'body'> & { readonly body?: object }): Promise<unknown>;
}

export function createServerClient(credentials: ServerCredentials): ServerClient {
  const base = new URL(credentials.url);
  const ca = base.protocol === 'https:' ? rootsWith(credentials.tls?.caFile) : undefined;
  const connect = { timeout: 10_000, ...(ca !== undefined && { ca }) };
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect });
  const signer = new SignatureV4({
    credentials,
    region: credentials.region,
    service: 'bedrock-agentcore',
    sha256: Sha256,
  });

  async function sign({
    method,
    path,
    query = {},
    headers = {},
    body,
    bearerToken,
  }: Omit<ApiRequest, 'signal'>) {
    const given = Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, [value].flat()] as const],
    );
    const fullPath = base.pathname.replace(/\/$/, '') + path;
    const unsigned = { ...headers, host: base.host };
    const signed =
      bearerToken === undefined
        ? await signer.sign({
            method,
            protocol: base.protocol,
            hostname: base.hostname,
            ...(base.port !== '' && { port: Number(base.port) }),
            path: fullPath,
            query: Object.fromEntries(given),
            headers: unsigned,
            body,
          })
        : { headers: { ...unsigned, authorization: `Bearer ${bearerToken}` } };
    const search = given
      .flatMap(([name, values]) => values.map((value) => `${encode(name)}=${encode(value)}`))
      .join('&');
    const fullUrl = base.origin + (search === '' ? fullPath : `${fullPath}?${search}`);
    return { url: fullUrl, headers: signed.headers };
  }

  async function send(request: ApiRequest): Promise<ApiAnswer> {
    const { method, body, signal } = request;
    const { url, headers } = await sign(request);
    const answer = await agent
      .request({
        origin: base.origin,
        path: url.slice(base.origin.length),
        method,
        headers,
        body: body ?? null,
        ...(signal !== undefined && { signal }),
      })
      .catch((error: unknown) => {
        throw signal?.aborted === true ? error : unreachable(credentials.url, error);
      });
    const answerHeaders = Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : value,
      ]),
    );
    if (answer.statusCode < 200 || answer.statusCode > 299) {
      const text = await answer.body.text();
      // Every answer of Berth says which request it is for.
      if (answerHeaders['x-amzn-requestid'] === undefined)
        throw foreign(credentials.url, answer.statusCode, answerHeaders['content-type']);
      throw parseApiError(answer.statusCode, answerHeaders, text);
    }
    return { status: answer.statusCode, headers: answerHeaders, body: answer.body };
  }

  return {
    credentials,
    send,
    sign,
    async json({ body, headers, ...request }) {
      const answer = await send({
        ...request,
        headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = Buffer.concat(await Array.fromAsync(answer.body)).toString();
      if (text.trim() === '') return undefined;
      try {
        return JSON.parse(text) as unknown;
      } catch (error) {
        throw new CliError(`${credentials.url} answered something that is not JSON: is it a Berth server?`, {
          cause: error,
        });
      }
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

/** So that the server of this machine is trusted without further ado. Undefined when it has no CA, or none that can be read. */
function rootsWith(caFile: string | undefined): string[] | undefined {
  if (caFile === undefined) return undefined;
  try {
    return [...getCACertificates(), readFileSync(caFile, 'utf8')];
  } catch {
    return undefined;
  }
}

/** The escaping that SigV4 wants of a query (RFC 3986). */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function foreign(url: string, status: number, contentType = 'no content type'): CliError {
  return new CliError(`Something else than a Berth server answers at ${url} (${status}, ${contentType}).`, {
    exitCode: exitCodes.unreachable,
    advice: "Check the address: 'berth login URL' and BERTH_ENDPOINT take the URL of the server itself.",
  });
}

function unreachable(url: string, error: unknown): CliError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : messageOf(error);
  return new CliError(`No Berth server answers at ${url} (${code}).`, {
    exitCode: exitCodes.unreachable,
    advice: "Start one on this machine with 'sudo berth up -d', or use another with 'berth login URL'.",
    cause: error,
  });
}
