import type { ServerAccess } from '../../scripts/quickstart/berth-process.ts';
import { RequestSigner } from '../fixture/request-signer.ts';
import type { SecretSearch } from './secret-search.ts';

export interface CallOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** A bearer token in the place of a signature. */
  readonly token?: string;
}

export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Calls a server, and keeps what it answers to those who may know no secrets: every error, and what only describes. */
export class RecordingCaller {
  readonly #server: ServerAccess;
  readonly #search: SecretSearch;
  readonly #signer: RequestSigner;

  constructor(server: ServerAccess, search: SecretSearch) {
    this.#server = server;
    this.#search = search;
    this.#signer = new RequestSigner(server);
  }

  /** `body` is JSON, or bytes as they are sent. */
  async call(
    method: string,
    path: string,
    body?: object | string,
    options: CallOptions = {},
  ): Promise<Answered> {
    const sent = typeof body === 'object' ? JSON.stringify(body) : body;
    const headers = { 'content-type': 'application/json', ...options.headers };
    const { query = {}, token } = options;
    const request = { method, path, query, headers, ...(sent !== undefined && { body: sent }) };
    const { host: _host, ...signed } =
      token === undefined
        ? await this.#signer.sign(request)
        : { ...headers, authorization: `Bearer ${token}` };
    const signature = /Signature=(\w+)/.exec(String(signed['authorization']))?.[1];
    if (signature !== undefined) this.#search.secret('signature of a request', signature);
    const search = new URLSearchParams(query).toString();
    const url = `${this.#server.url}${path}${search === '' ? '' : `?${search}`}`;
    const answer = await fetch(url, {
      method,
      headers: signed as Record<string, string>,
      ...(sent !== undefined && { body: sent }),
    });
    const text = await answer.text();
    const isSecretless =
      answer.status >= 400 ||
      method === 'GET' ||
      /\/(Get|List)\w+(Provider|Identity|Identities)s?$/.test(path);
    const place = answer.status >= 400 ? 'errors' : `the answer to ${method} ${path}`;
    if (isSecretless) this.#search.keep(place, `${path} ${JSON.stringify([...answer.headers])}\n${text}`);
    return { status: answer.status, text, json: parsed(text) };
  }

  /** As `call`, but throws when it is not answered well. */
  async done(...call: Parameters<RecordingCaller['call']>): Promise<Readonly<Record<string, unknown>>> {
    const { status, text, json } = await this.call(...call);
    if (status >= 300) throw new Error(`${call[0]} ${call[1]} was answered ${status}: ${text}`);
    return json;
  }

  /** A URL that is signed in its query. */
  async presigned(path: string, query: Readonly<Record<string, string>>): Promise<string> {
    const signed = await this.#signer.presign({ method: 'GET', path, query });
    this.#search.secret(
      'signature of a URL',
      new URL(signed, this.#server.url).searchParams.get('X-Amz-Signature') ?? '',
    );
    return this.#server.url + signed;
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
