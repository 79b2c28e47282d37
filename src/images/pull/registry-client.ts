import { z } from 'zod';
import { BerthError } from '../../shared/errors.ts';
import type { DockerLogin } from './docker-config.ts';
import { readResponse } from './read-response.ts';
import { parseChallenge, type RegistryChallenge } from './registry-challenge.ts';
import type { HostTls, PullHost } from './pull-host.ts';
import { isLoopback } from './registry-host.ts';
import type { RegistryResponse, RegistryTransport } from './registry-transport.ts';

export interface RegistryClientParts {
  readonly transport: Pick<RegistryTransport, 'send'>;
  readonly host: PullHost;
  readonly repository: string;
  readonly login: DockerLogin | undefined;
}

const tokenSchema = z.object({ token: z.string().optional(), access_token: z.string().optional() });
const maxTokenBytes = 256 * 1024;

/** Reads one repository of another registry, with whatever proof that registry asks for. */
export class RegistryClient {
  readonly #parts: RegistryClientParts;
  #authorization: string | undefined;

  constructor(parts: RegistryClientParts) {
    this.#parts = parts;
  }

  /**
   * GET of `<repository>/<path>`; resolves with status 200 or 206. Rejects with `not-found`, `access-denied`, or
   * `unavailable` (worth another try).
   */
  async get(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<RegistryResponse> {
    const { host, repository, transport } = this.#parts;
    const url = new URL(`${host.base.href}/${repository}/${path}`);
    if (host.namespace !== undefined) url.searchParams.set('ns', host.namespace);
    const send = () =>
      transport.send({
        url,
        tls: host.tls,
        headers: {
          ...host.headers,
          ...headers,
          ...(this.#authorization !== undefined && { authorization: this.#authorization }),
        },
        signal,
      });
    let response = await send();
    if (response.status === 401) {
      const challenge = parseChallenge(response.headers['www-authenticate']);
      response.body.destroy();
      this.#authorization = await this.#prove(challenge, signal);
      response = await send();
    }
    if (response.status === 200 || response.status === 206) return response;
    response.body.destroy();
    throw this.#failure(response.status, path);
  }

  async #prove(challenge: RegistryChallenge | undefined, signal: AbortSignal | undefined): Promise<string> {
    const { login } = this.#parts;
    const basic =
      login?.kind === 'password' ? toBasic(login.credential.username, login.credential.password) : undefined;
    if (challenge?.kind === 'bearer') return this.#fetchToken(challenge, basic, signal);
    if (challenge?.kind === 'basic' && basic !== undefined) return basic;
    throw this.#refusal();
  }

  async #fetchToken(
    challenge: RegistryChallenge & { readonly kind: 'bearer' },
    basic: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const { transport, login, host, repository } = this.#parts;
    const { name: registry } = host;
    const url = URL.parse(challenge.realm);
    if (url === null || !(url.protocol === 'https:' || (isLoopback(url) && isLoopback(host.base)))) {
      throw new BerthError(
        'access-denied',
        `The registry ${registry} asks for a log-in at '${challenge.realm}', which is not safe: TLS is needed.`,
      );
    }
    const scope = challenge.scope ?? `repository:${repository}:pull`;
    const service = challenge.service === undefined ? {} : { service: challenge.service };
    // The proof of who this server is goes to the registry alone.
    const tls: HostTls | undefined = host.tls && { ...host.tls, client: undefined };
    let response: RegistryResponse;
    if (login?.kind === 'identity-token') {
      const form = {
        grant_type: 'refresh_token',
        refresh_token: login.token,
        client_id: 'berth',
        scope,
        ...service,
      };
      response = await transport.send({
        url,
        tls,
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
        signal,
      });
    } else {
      for (const [name, value] of Object.entries({ scope, ...service })) url.searchParams.set(name, value);
      response = await transport.send({
        url,
        tls,
        headers: basic === undefined ? {} : { authorization: basic },
        signal,
      });
    }
    if (response.status !== 200) {
      response.body.destroy();
      if (response.status === 429 || response.status >= 500) throw this.#failure(response.status, 'token');
      throw this.#refusal();
    }
    const answer = Buffer.from(await readResponse(response, maxTokenBytes)).toString('utf8');
    const token = parseToken(answer);
    if (token === undefined)
      throw new BerthError(
        'unavailable',
        `The registry ${registry} answered a log-in with something that is no token.`,
      );
    return `Bearer ${token}`;
  }

  #failure(status: number, path: string): BerthError {
    const { host, repository } = this.#parts;
    const { name: registry } = host;
    if (status === 401 || status === 403) return this.#refusal();
    const what = nameOf(repository, path);
    if (status === 404)
      return new BerthError('not-found', `The registry ${registry} has no ${what}. Check name and tag.`);
    const code = status === 429 || status >= 500 ? 'unavailable' : 'validation';
    return new BerthError(code, `The registry ${registry} answered ${status} for ${what}.`);
  }

  #refusal(): BerthError {
    const { host, repository, login } = this.#parts;
    const { name: registry } = host;
    const advice = `Log in with 'berth registry login ${registry}'.`;
    if (login?.kind === 'helper') {
      return new BerthError(
        'access-denied',
        `The registry ${registry} does not let Berth read ${repository}. Docker keeps its log-in in ${login.program}, which Berth does not run. ${advice}`,
      );
    }
    const problem =
      login === undefined ? 'without a log-in (or it does not exist)' : 'with the log-in it has';
    return new BerthError(
      'access-denied',
      `The registry ${registry} does not let Berth read ${repository} ${problem}. ${advice}`,
    );
  }
}

/** What a path below a repository stands for, as people write it. */
function nameOf(repository: string, path: string): string {
  const [kind, reference = ''] = path.split('/');
  if (kind !== 'manifests') return `${repository} (${path})`;
  return `${repository}${reference.includes(':') ? '@' : ':'}${reference}`;
}

function toBasic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function parseToken(text: string): string | undefined {
  try {
    const { token, access_token: accessToken } = tokenSchema.parse(JSON.parse(text));
    const found = token ?? accessToken;
    return found !== undefined && /^[\x21-\x7e]+$/.test(found) ? found : undefined;
  } catch {
    return undefined;
  }
}
