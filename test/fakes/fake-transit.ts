import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface FakeTransitOptions {
  /** PEM; with them it speaks TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

type Answer = (response: ServerResponse) => void;

/** The transit engine's HTTP API as OpenBao documents it, with keys in memory: encrypt, decrypt, rewrap, rotate. */
export class FakeTransit implements AsyncDisposable {
  /** What may call it. */
  token = 's.first';
  /** Method and path of each request, in order. */
  readonly seen: string[] = [];
  /** Answers to the next requests instead of the right ones. */
  readonly failures: Answer[] = [];
  /** By `mount/name`. */
  readonly keys = new Map<string, Buffer[]>([['transit/berth', [randomBytes(32)]]]);
  readonly #hasTls: boolean;
  readonly #server;

  private constructor({ tls }: FakeTransitOptions) {
    this.#hasTls = tls !== undefined;
    const listener: RequestListener = (request, response) => void this.#answer(request, response);
    this.#server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  }

  static async start(options: FakeTransitOptions = {}): Promise<FakeTransit> {
    const fake = new FakeTransit(options);
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return this.#hasTls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`;
  }

  count(verb: string): number {
    return this.seen.filter((path) => path.includes(`/${verb}`)).length;
  }

  /** The next requests get this status. */
  failNext(times: number, status: number, errors: readonly string[] = []): void {
    for (let time = 0; time < times; time += 1)
      this.failures.push((response) => sendJson(response, status, { errors }));
  }

  /** The next request gets no answer at all. */
  hangNext(): void {
    this.failures.push(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    this.seen.push(`${request.method} ${request.url}`);
    const failure = this.failures.shift();
    if (failure !== undefined) return failure(response);
    if (request.headers['x-vault-token'] !== this.token)
      return sendJson(response, 403, { errors: ['permission denied'] });
    try {
      return this.#serve(request, response, JSON.parse(body) as Record<string, string>);
    } catch (error) {
      return sendJson(response, 400, { errors: [String(error)] });
    }
  }

  #serve(
    { method, url = '' }: IncomingMessage,
    response: ServerResponse,
    body: Record<string, string>,
  ): void {
    const [, mount, verb, name, rotate] =
      /^\/v1\/(.+)\/(encrypt|decrypt|rewrap|keys)\/([^/]+)(\/rotate)?$/.exec(url) ?? [];
    if (method !== 'POST' || verb === undefined) return sendJson(response, 404, { errors: [] });
    const versions = this.keys.get(`${mount}/${name}`);
    if (versions === undefined) return sendJson(response, 400, { errors: ['encryption key not found'] });
    const { plaintext = '', ciphertext = '' } = body;
    if (verb === 'encrypt')
      return sendJson(response, 200, { data: { ciphertext: encrypt(versions, plaintext) } });
    if (verb === 'decrypt')
      return sendJson(response, 200, { data: { plaintext: decrypt(versions, ciphertext) } });
    if (verb === 'rewrap')
      return sendJson(response, 200, {
        data: { ciphertext: encrypt(versions, decrypt(versions, ciphertext)) },
      });
    if (rotate === undefined) return sendJson(response, 405, { errors: ['unsupported operation'] });
    versions.push(randomBytes(32));
    return sendJson(response, 200, { data: { latest_version: versions.length } });
  }
}

function encrypt(versions: readonly Buffer[], plaintext: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', versions.at(-1) ?? '', nonce);
  const sealed = [nonce, cipher.update(plaintext, 'base64'), cipher.final(), cipher.getAuthTag()];
  return `vault:v${versions.length}:${Buffer.concat(sealed).toString('base64')}`;
}

function decrypt(versions: readonly Buffer[], ciphertext: string): string {
  const [, version = '', text = ''] = /^vault:v(\d+):(.+)$/.exec(ciphertext) ?? [];
  const key = versions[Number(version) - 1];
  if (key === undefined) throw new Error('invalid ciphertext: version is not known');
  const bytes = Buffer.from(text, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAuthTag(
    bytes.subarray(-16),
  );
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('base64');
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
