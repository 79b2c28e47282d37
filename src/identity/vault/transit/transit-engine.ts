import { readFile, stat } from 'node:fs/promises';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { type Clock, sleep } from '../../../shared/clock.ts';
import { BerthError, messageOf } from '../../../shared/errors.ts';

export interface TransitEngineParts {
  /** Of the OpenBao or HashiCorp Vault server, without a trailing slash. */
  readonly url: string;
  /** Read for each request: agents of these servers renew tokens in place. */
  readonly tokenFile: string;
  /** PEM; undefined: the system's. */
  readonly caFile: string | undefined;
  readonly events: TransitEvents;
  readonly clock: Clock;
  /** Of one attempt. */
  readonly timeoutMs?: number;
  /** Before each further attempt. */
  readonly pausesMs?: readonly number[];
}

export interface TransitEvents {
  /** Callers are told only that the engine cannot be used. */
  transitFailed(failure: { readonly url: string; readonly problem: string }): void;
}

/** Calls with `update` on `MOUNT/encrypt/NAME`, `decrypt`, `rewrap` and `keys/NAME/rotate`; `key` is `mount/name`. */
type Verb = 'encrypt' | 'decrypt' | 'rewrap';

const largestBytes = 64 * 1024;
const dataSchema = z.object({ data: z.record(z.string(), z.unknown()) });
const errorsSchema = z.object({ errors: z.array(z.string()) });

/** Worth another try: too many requests, a standby that is not up to date yet, and failures of the server. */
function mayPass(status: number): boolean {
  return status === 429 || status === 412 || status === 472 || status === 473 || status >= 500;
}

/**
 * The transit secrets engine of OpenBao and HashiCorp Vault, by its HTTP API. What does not answer is tried again, twice; every
 * method throws `unavailable` when that was in vain or the engine refuses, `internal` when it says that the ciphertext is bad.
 */
export class TransitEngine implements AsyncDisposable {
  readonly #parts: Required<TransitEngineParts>;
  #agent: Promise<Agent> | undefined;

  constructor(parts: TransitEngineParts) {
    this.#parts = { timeoutMs: 5_000, pausesMs: [200, 1_000], ...parts };
  }

  /** Answers the ciphertext, which names the version of the key. */
  async encrypt(key: string, plaintext: Uint8Array): Promise<string> {
    const body = { plaintext: Buffer.from(plaintext).toString('base64') };
    return this.#text(await this.#call(pathOf(key, 'encrypt'), body), 'ciphertext');
  }

  async decrypt(key: string, ciphertext: string): Promise<Uint8Array> {
    const answer = await this.#call(pathOf(key, 'decrypt'), { ciphertext });
    return Buffer.from(this.#text(answer, 'plaintext'), 'base64');
  }

  /** The same under the newest version of the key. */
  async rewrap(key: string, ciphertext: string): Promise<string> {
    return this.#text(await this.#call(pathOf(key, 'rewrap'), { ciphertext }), 'ciphertext');
  }

  /** Makes a new version of the key; older ones still decrypt. Not tried again, since it may have been done. */
  async rotate(key: string): Promise<void> {
    const { mount, name } = partsOf(key);
    await this.#call(`${mount}/keys/${name}/rotate`, {}, []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    await (await agent?.catch(() => undefined))?.destroy();
  }

  async #call(path: string, body: object, pausesMs = this.#parts.pausesMs): Promise<Answer> {
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await this.#attempt(path, body);
      if (!('problem' in outcome)) return outcome;
      const pauseMs = outcome.isPassing ? pausesMs[attempt] : undefined;
      if (pauseMs === undefined) throw this.#failed(`${path}: ${outcome.problem}`, outcome.isCiphertextBad);
      await sleep(this.#parts.clock, pauseMs);
    }
  }

  async #attempt(path: string, body: object): Promise<Answer | Failure> {
    try {
      const token = await this.#token();
      const { status, text } = await this.#post(path, body, token);
      if (status === 204) return { data: {} };
      const answer: unknown = parseJson(text);
      if (status === 200) return dataSchema.parse(answer);
      const errors = errorsSchema.safeParse(answer).data?.errors ?? [];
      const hasNewToken = status === 403 && token !== (await this.#token());
      return {
        problem: [`it answers ${status}`, ...errors].join('; ').trim(),
        isPassing: mayPass(status) || hasNewToken,
        isCiphertextBad: status === 400 && /\/(decrypt|rewrap)\//.test(path),
      };
    } catch (error) {
      if (error instanceof BerthError) throw error;
      return { problem: messageOf(error), isPassing: true, isCiphertextBad: false };
    }
  }

  async #post(path: string, body: object, token: string): Promise<{ status: number; text: string }> {
    const { url, clock, timeoutMs } = this.#parts;
    const late = Promise.withResolvers<never>();
    const controller = new AbortController();
    const cancel = clock.after(timeoutMs, () => {
      const reason = new Error(`no answer within ${timeoutMs / 1000} s`);
      controller.abort(reason);
      late.reject(reason);
    });
    const answered = this.#exchange(`${url}/v1/${path}`, body, token, controller.signal);
    try {
      // The library looks at no signal while a name is resolved or a connection is made.
      return await Promise.race([answered, late.promise]);
    } finally {
      cancel();
      answered.catch(() => {});
    }
  }

  async #exchange(url: string, body: object, token: string, signal: AbortSignal) {
    const { statusCode: status, body: answer } = await request(url, {
      method: 'POST',
      dispatcher: await this.#connections(),
      headers: { 'content-type': 'application/json', 'x-vault-token': token, 'x-vault-request': 'true' },
      body: JSON.stringify(body),
      signal,
    });
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of answer as AsyncIterable<Uint8Array>) {
      length += chunk.byteLength;
      if (length > largestBytes) throw new Error(`its answer is longer than ${largestBytes} bytes`);
      chunks.push(chunk);
    }
    return { status, text: Buffer.concat(chunks).toString() };
  }

  #connections(): Promise<Agent> {
    const { caFile, timeoutMs } = this.#parts;
    this.#agent ??= (async () => {
      const ca = caFile === undefined ? undefined : await readFile(caFile, 'utf8');
      return new Agent({ connect: { timeout: timeoutMs, ...(ca !== undefined && { ca }) } });
    })();
    // A file that is not there yet may be there the next time.
    this.#agent.catch(() => {
      this.#agent = undefined;
    });
    return this.#agent;
  }

  async #token(): Promise<string> {
    const { tokenFile } = this.#parts;
    const problem = await readToken(tokenFile);
    if (typeof problem === 'object') throw this.#failed(problem.problem, false);
    return problem;
  }

  #text(answer: Answer, member: string): string {
    const value = answer.data[member];
    if (typeof value === 'string') return value;
    throw this.#failed(`its answer has no ${member}`, false);
  }

  #failed(problem: string, isCiphertextBad: boolean): BerthError {
    this.#parts.events.transitFailed({ url: this.#parts.url, problem });
    if (isCiphertextBad)
      return new BerthError(
        'internal',
        `The transit engine refuses what it is said to have wrapped: ${problem}`,
      );
    return new BerthError(
      'unavailable',
      "The transit engine that keeps the vault's key cannot be used at the moment. Try again; if it lasts, the server's log says why.",
    );
  }
}

interface Answer {
  readonly data: Readonly<Record<string, unknown>>;
}

interface Failure {
  readonly problem: string;
  readonly isPassing: boolean;
  readonly isCiphertextBad: boolean;
}

async function readToken(file: string): Promise<string | { readonly problem: string }> {
  try {
    if (((await stat(file)).mode & 0o007) !== 0)
      return { problem: `the token file ${file} can be used by everyone: run chmod o= ${file}` };
    const token = (await readFile(file, 'utf8')).trim();
    // Nothing else is a header, and no error may repeat it.
    return /^[\x21-\x7e]+$/.test(token) ? token : { problem: `the token file ${file} does not hold a token` };
  } catch (error) {
    return { problem: `the token file cannot be read: ${messageOf(error)}` };
  }
}

function pathOf(key: string, verb: Verb): string {
  const { mount, name } = partsOf(key);
  return `${mount}/${verb}/${name}`;
}

function partsOf(key: string): { readonly mount: string; readonly name: string } {
  const slash = key.lastIndexOf('/');
  return { mount: key.slice(0, slash), name: key.slice(slash + 1) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
