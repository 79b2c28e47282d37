import type { Readable } from 'node:stream';
import { Agent, type Dispatcher } from 'undici';
import { z } from 'zod';
import { messageOf } from '../../shared/errors.ts';
import { CliError, exitCodes } from '../cli-error.ts';

export interface RegistryRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  /** From the registry's root, or as a `Location` header gave it. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is made anew for each attempt. */
  readonly body?: Buffer | (() => Readable);
}

export interface RegistryAnswer {
  readonly status: number;
  readonly location: string | undefined;
}

/** Calls one registry, logging in as it demands. */
export interface RegistryClient extends AsyncDisposable {
  /** Rejects with `CliError` for any answer that is neither 2xx nor 404. */
  send(request: RegistryRequest): Promise<RegistryAnswer>;
}

export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
}

const tokenSchema = z.union([
  z.object({ token: z.string() }).transform(({ token }) => token),
  z.object({ access_token: z.string() }).transform(({ access_token }) => access_token),
]);

export function createRegistryClient(baseUrl: string, login: RegistryLogin): RegistryClient {
  const base = new URL(baseUrl);
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  const basic = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  let authorization: string | undefined;

  async function attempt({
    method,
    url,
    headers = {},
    body,
  }: RegistryRequest): Promise<Dispatcher.ResponseData> {
    const target = new URL(url, base);
    // An upload may be sent on to another address of the same server, but the login goes to the one that was asked for.
    return agent.request({
      origin: base.origin,
      path: target.pathname + target.search,
      method,
      headers: { ...headers, ...(authorization !== undefined && { authorization }) },
      body: typeof body === 'function' ? body() : (body ?? null),
    });
  }

  async function logIn(challenge: string): Promise<void> {
    if (/^basic/i.test(challenge)) {
      authorization = basic;
      return;
    }
    const parameters = new Map(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    );
    const realm = URL.parse(parameters.get('realm') ?? '', base.href);
    if (realm === null)
      throw new CliError(`${baseUrl} asks for a login that berth does not know: ${challenge}`);
    for (const name of ['service', 'scope']) {
      const value = parameters.get(name);
      if (value !== undefined) realm.searchParams.set(name, value);
    }
    const path = realm.pathname + realm.search;
    const answer = await agent.request({
      origin: base.origin,
      path,
      method: 'GET',
      headers: { authorization: basic },
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw refused(baseUrl, answer.statusCode, text);
    authorization = `Bearer ${tokenSchema.parse(JSON.parse(text))}`;
  }

  return {
    async send(request) {
      let answer = await attempt(request).catch((error: unknown) => {
        throw new CliError(`${baseUrl} broke off the push: ${messageOf(error)}`, {
          exitCode: exitCodes.unreachable,
          cause: error,
        });
      });
      if (answer.statusCode === 401) {
        await answer.body.dump();
        await logIn(String(answer.headers['www-authenticate'] ?? ''));
        answer = await attempt(request);
      }
      const text = await answer.body.text();
      const isGood = (answer.statusCode >= 200 && answer.statusCode < 300) || answer.statusCode === 404;
      if (!isGood) throw refused(baseUrl, answer.statusCode, text);
      const { location } = answer.headers;
      return { status: answer.statusCode, location: Array.isArray(location) ? location[0] : location };
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

function refused(baseUrl: string, status: number, text: string): CliError {
  const exitCode = status === 401 || status === 403 ? exitCodes.denied : exitCodes.failure;
  // An answer to HEAD has no body that could say it.
  const reason =
    messageIn(text) ?? (status === 403 ? 'this key may not use the repository' : 'no reason given');
  return new CliError(`The registry of ${baseUrl} refused (${status}): ${reason}`, { exitCode });
}

function messageIn(text: string): string | undefined {
  try {
    const { errors } = z
      .object({ errors: z.array(z.object({ message: z.string() })).min(1) })
      .parse(JSON.parse(text));
    return errors.map(({ message }) => message).join('; ');
  } catch {
    return text.trim().slice(0, 300) || undefined;
  }
}
