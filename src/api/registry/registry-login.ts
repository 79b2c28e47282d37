import type { KeyPrincipal } from '../../auth/principal.ts';
import type {
  RegistryAction,
  RegistryAuthenticator,
  RegistryScope,
} from '../../auth/registry-authenticator.ts';
import { DistributionError } from '../../images/repositories/distribution-error.ts';
import { isRepositoryName } from '../../images/repositories/repository-name.ts';
import { BerthError } from '../../shared/errors.ts';
import { LoginRequired, type RegistryAnswer } from './registry-answer.ts';

export interface RegistryLoginParts {
  readonly authenticator: Pick<RegistryAuthenticator, 'verifyBasic' | 'issueBearer' | 'verifyBearer'>;
  /** Base of the token address in the challenge; undefined: the server as its caller knows it. */
  readonly publicUrl: string | undefined;
  readonly tokenTtlMs?: number;
}

export interface Credentials {
  readonly authorization: string | undefined;
  /** Nobody else can read the connection: loopback or TLS. */
  readonly isPrivate: boolean;
  /** The server's address as the caller knows it; undefined when it did not say. */
  readonly origin: string | undefined;
}

/** What the caller has proven, and what that allows. */
export interface RegistryAccess {
  readonly principal: KeyPrincipal;
  /** undefined: all that the role allows (Basic credentials). */
  readonly scopes: readonly RegistryScope[] | undefined;
  /** The server's address as the caller knows it; undefined when it did not say. */
  readonly origin: string | undefined;
}

/** The token flow of Docker and OCI clients, with Basic credentials taken as well. */
export class RegistryLogin {
  readonly #parts: Required<RegistryLoginParts>;

  constructor(parts: RegistryLoginParts) {
    this.#parts = { tokenTtlMs: 15 * 60_000, ...parts };
  }

  /** Rejects with the challenge when there is no valid proof; `wanted` is what the challenge asks to get a token for. */
  async authenticate(
    { authorization, isPrivate, origin }: Credentials,
    wanted: readonly RegistryScope[],
  ): Promise<RegistryAccess> {
    if (authorization === undefined)
      throw this.#challenge(origin, wanted, 'Log in first: docker login, or skopeo login.');
    try {
      const basic = parseBasic(authorization);
      if (basic !== undefined) {
        const principal = await this.#parts.authenticator.verifyBasic(basic.username, basic.password, {
          isPrivate,
        });
        return { principal, scopes: undefined, origin };
      }
      const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
      if (token !== undefined) return { ...(await this.#parts.authenticator.verifyBearer(token)), origin };
    } catch (error) {
      if (!(error instanceof BerthError && error.code === 'unauthorized')) throw error;
      throw this.#challenge(origin, wanted, error.message);
    }
    throw this.#challenge(origin, wanted, 'The Authorization header is neither Basic nor Bearer.');
  }

  /** What a caller shows, and the name that it gives itself with it; undefined when it shows nothing yet, as clients begin. */
  proofIn(
    { authorization }: Credentials,
    form = new URLSearchParams(),
  ): { readonly username: string | undefined } | undefined {
    if (authorization !== undefined) return { username: parseBasic(authorization)?.username };
    return form.has('password') ? { username: form.get('username') ?? undefined } : undefined;
  }

  /** Throws DENIED when the role or the key's limits do not allow it, the challenge when only the token does not. */
  authorize(access: RegistryAccess, wanted: readonly RegistryScope[]): void {
    const { principal, scopes, origin } = access;
    const allowed = this.#parts.authenticator.issueBearer(principal, wanted, 0).scopes;
    const denied = wanted.find((scope) => !covers(allowed, scope));
    if (denied !== undefined) {
      throw new DistributionError(
        'access-denied',
        'DENIED',
        `Access key ${principal.accessKeyId} has the role '${principal.role}'${principal.limits === undefined ? '' : ' and is limited to some runtimes'}, and may not ${denied.actions.join(' and ')} images of ${denied.repository}. Use a key with the role 'admin' or 'deployer'${principal.limits === undefined ? '' : ' without that limit'}.`,
      );
    }
    const missing = scopes === undefined ? undefined : wanted.find((scope) => !covers(scopes, scope));
    if (missing !== undefined) {
      throw this.#challenge(
        origin,
        wanted,
        `The token does not cover ${describeScope(missing)}. Get one for that scope.`,
      );
    }
  }

  /** Answers the token address: Basic credentials in the header, or a form with `username` and `password`. */
  async issueToken(credentials: Credentials, parameters: URLSearchParams): Promise<RegistryAnswer> {
    const [username, password] = [parameters.get('username'), parameters.get('password')];
    const basic =
      parseBasic(credentials.authorization ?? '') ??
      (username !== null && password !== null ? { username, password } : undefined);
    if (basic === undefined)
      throw new LoginRequired(basicChallenge, 'Log in first: docker login, or skopeo login.');
    const { authenticator, tokenTtlMs } = this.#parts;
    const principal = await this.#verify(basic, credentials.isPrivate);
    const asked = parameters
      .getAll('scope')
      .flatMap((text) => text.split(' '))
      .slice(0, 32)
      .flatMap(parseScope);
    const { token, expiresInS } = authenticator.issueBearer(principal, asked, tokenTtlMs);
    return {
      status: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      body: JSON.stringify({ token, access_token: token, token_type: 'Bearer', expires_in: expiresInS }),
    };
  }

  async #verify(basic: { username: string; password: string }, isPrivate: boolean): Promise<KeyPrincipal> {
    try {
      return await this.#parts.authenticator.verifyBasic(basic.username, basic.password, { isPrivate });
    } catch (error) {
      if (!(error instanceof BerthError && error.code === 'unauthorized')) throw error;
      throw new LoginRequired(basicChallenge, error.message);
    }
  }

  #challenge(origin: string | undefined, wanted: readonly RegistryScope[], message: string): LoginRequired {
    const base = this.#parts.publicUrl ?? origin;
    if (base === undefined) return new LoginRequired(basicChallenge, message);
    const service = new URL(base).host;
    const scope = wanted.length === 0 ? '' : `,scope="${wanted.map(describeScope).join(' ')}"`;
    return new LoginRequired(`Bearer realm="${base}/v2/token",service="${service}"${scope}`, message);
  }
}

const basicChallenge = 'Basic realm="Berth registry"';
const actionNames: readonly RegistryAction[] = ['pull', 'push', 'delete'];

function covers(scopes: readonly RegistryScope[], wanted: RegistryScope): boolean {
  return wanted.actions.every((action) =>
    scopes.some((scope) => scope.repository === wanted.repository && scope.actions.includes(action)),
  );
}

function describeScope({ repository, actions }: RegistryScope): string {
  return `repository:${repository}:${actions.join(',')}`;
}

/** Other resources than repositories are left out of the token, as the token specification wants it. */
function parseScope(text: string): RegistryScope[] {
  const [, repository, asked] = /^repository:([^:]+):([a-z*,]+)$/.exec(text) ?? [];
  if (repository === undefined || asked === undefined || !isRepositoryName(repository)) return [];
  const names = asked.split(',');
  return [
    {
      repository,
      actions: names.includes('*') ? actionNames : actionNames.filter((name) => names.includes(name)),
    },
  ];
}

function parseBasic(authorization: string): { username: string; password: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
