import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import type { DestinationPolicy } from '../../shared/guarded-lookup.ts';
import { RefusedDestinationError } from '../../shared/guarded-lookup.ts';
import { mayBeNamed } from '../../shared/issuer-name.ts';
import type { OauthProvider } from '../providers/credential-provider.ts';
import { type ProviderHttp, ProviderHttpError } from './provider-http.ts';

/** What the flows use of an authorization server's metadata (RFC 8414, 2; OpenID Connect Discovery 3). */
const metadataSchema = z.object({
  issuer: z.string().min(1).max(2_048),
  authorization_endpoint: z.url().max(2_048).optional(),
  token_endpoint: z.url().max(2_048),
  pushed_authorization_request_endpoint: z.url().max(2_048).optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
  id_token_signing_alg_values_supported: z.array(z.string()).max(50).optional(),
  prompt_values_supported: z.array(z.string()).max(50).optional(),
});

type Metadata = z.infer<typeof metadataSchema>;
/** A member that is there has a value. */
export type AuthorizationServer = { [Name in keyof Metadata]: Exclude<Metadata[Name], undefined> };

export interface AuthorizationServersParts {
  readonly http: Pick<ProviderHttp, 'fetch'>;
  readonly policy: Pick<DestinationPolicy, 'problemOf'>;
  readonly clock: Clock;
}

interface Known {
  readonly server: AuthorizationServer;
  readonly readAtMs: number;
  /** Set once it could not be read anew. */
  readonly triedAtMs?: number;
}

const freshMs = 60 * 60_000;
/** How long a document serves while it cannot be read anew. */
const keptMs = 24 * 60 * 60_000;
/** Between attempts then, so that not every call waits for a server that is down. */
const againMs = 60_000;
const mostKnown = 1_000;

/** Where the flows of a provider go: its own settings, or its discovery document, read once an hour. */
export class AuthorizationServers {
  readonly #parts: AuthorizationServersParts;
  readonly #known = new Map<string, Known>();
  readonly #reading = new Map<string, Promise<AuthorizationServer>>();

  constructor(parts: AuthorizationServersParts) {
    this.#parts = parts;
  }

  /** Rejects as `ProviderHttp.fetch` does, also for a document that is none; with `validation` for one that speaks for somebody else. */
  async of({ discovery }: Pick<OauthProvider, 'discovery'>): Promise<AuthorizationServer> {
    if (discovery.kind === 'metadata') {
      const { issuer, authorizationEndpoint, tokenEndpoint } = discovery;
      return this.#checked({
        issuer,
        authorization_endpoint: authorizationEndpoint,
        token_endpoint: tokenEndpoint,
      });
    }
    const { url } = discovery;
    const known = this.#known.get(url);
    const nowMs = this.#parts.clock.now();
    if (known !== undefined && nowMs < freshUntil(known)) return known.server;
    try {
      return await this.#readShared(url);
    } catch (error) {
      if (known === undefined || nowMs >= known.readAtMs + keptMs) throw error;
      this.#known.set(url, { ...known, triedAtMs: nowMs });
      return known.server;
    }
  }

  #readShared(url: string): Promise<AuthorizationServer> {
    const reading = this.#reading.get(url);
    if (reading !== undefined) return reading;
    const started = this.#read(url).finally(() => this.#reading.delete(url));
    this.#reading.set(url, started);
    return started;
  }

  async #read(url: string): Promise<AuthorizationServer> {
    const { http, clock } = this.#parts;
    const answer = await http.fetch(new URL(url), {
      method: 'GET',
      headers: { accept: 'application/json' },
      body: undefined,
    });
    if (answer.status !== 200) throw new ProviderHttpError(`${url}: it answers ${answer.status}`);
    const server = this.#checked(parse(await answer.text(), url));
    requireOwnIssuer(server, url);
    const [oldest] = this.#known.keys();
    if (this.#known.size >= mostKnown && oldest !== undefined) this.#known.delete(oldest);
    this.#known.delete(url);
    this.#known.set(url, { server, readAtMs: clock.now() });
    return server;
  }

  /** A browser is sent to the authorization endpoint: never to another scheme than the web's. */
  #checked(server: AuthorizationServer): AuthorizationServer {
    for (const endpoint of [server.authorization_endpoint, server.token_endpoint]) {
      const problem = endpoint === undefined ? undefined : this.#parts.policy.problemOf(new URL(endpoint));
      if (problem !== undefined) throw new RefusedDestinationError(problem);
      if (endpoint !== undefined && !/^https?:/.test(endpoint))
        throw new RefusedDestinationError(`The endpoint ${endpoint} is no web address.`);
    }
    return server;
  }
}

/**
 * The issuer is what client assertions are made out to: a document with that of another server would have them made for it (OpenID
 * Connect Discovery 4.3; RFC 8414, 3.3). A template with braces names nobody.
 */
function requireOwnIssuer({ issuer }: AuthorizationServer, url: string): void {
  if (issuer.includes('{') || mayBeNamed(url, issuer)) return;
  throw new BerthError(
    'validation',
    `The discovery document at ${url} is that of another issuer than its URL says. Use the discovery URL of the issuer itself, or give issuer, authorizationEndpoint and tokenEndpoint as authorizationServerMetadata.`,
  );
}

function freshUntil({ readAtMs, triedAtMs = -Infinity }: Known): number {
  return Math.max(readAtMs + freshMs, Math.min(triedAtMs + againMs, readAtMs + keptMs));
}

function parse(text: string, url: string): AuthorizationServer {
  try {
    return metadataSchema.parse(JSON.parse(text)) as AuthorizationServer;
  } catch (error) {
    throw new ProviderHttpError(`${url} is not the metadata of an authorization server`, { cause: error });
  }
}
