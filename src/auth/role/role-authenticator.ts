import { BerthError } from '../../shared/errors.ts';
import type { AccessKeys } from '../access-keys.ts';
import type { Authenticator, PendingAuthentication, RequestHead } from '../authenticator.ts';
import type { RolePrincipal, SigningPrincipal } from '../principal.ts';
import type { SigV4Authenticator } from '../sigv4/sigv4-authenticator.ts';
import { readSignedHead } from '../sigv4/signed-head.ts';
import type { RoleCallers } from './role-callers.ts';
import { type RoleCredentials, roleTokenPrefix } from './role-credentials.ts';

export interface RoleAuthenticatorParts {
  readonly signatures: Pick<SigV4Authenticator, 'begin' | 'beginWith'>;
  readonly accessKeys: Pick<AccessKeys, 'find'>;
  readonly callers: Pick<RoleCallers, 'of'>;
  readonly credentials: Pick<RoleCredentials, 'isOwnId' | 'secretFor'>;
}

/**
 * A call from the sandbox of a live session acts as its runtime's role, whatever keys of other places it is signed with; with an access key
 * of this server, which somebody gave to the agent, it acts as that key. It has to be signed all the same, in its head: a request that an
 * agent was tricked into making is not. All others prove an access key.
 */
export class RoleAuthenticator implements Authenticator<SigningPrincipal> {
  readonly #parts: RoleAuthenticatorParts;

  constructor(parts: RoleAuthenticatorParts) {
    this.#parts = parts;
  }

  async begin(head: RequestHead): Promise<PendingAuthentication<SigningPrincipal>> {
    const { signatures, accessKeys, callers, credentials } = this.#parts;
    const role = callers.of(head.connection);
    if (role === undefined) return signatures.begin(head);
    const signed = readSignedHead(head);
    const { accessKeyId: id } = signed.authorization;
    if (credentials.isOwnId(id) || signed.sessionToken?.startsWith(roleTokenPrefix) === true) {
      if (signed.presigned !== undefined && !opensWebSocket(head)) throw headNotSigned();
      const secret = credentials.secretFor(role, id, signed.sessionToken);
      return signatures.beginWith(head, signed, { id, secret, principal: role });
    }
    // A URL is sent by whoever is made to fetch it.
    if (signed.presigned !== undefined || (await accessKeys.find(id)) !== undefined)
      return signatures.begin(head);
    return provenByAddress(role);
  }
}

/** AgentCore's SDKs presign URLs of WebSockets, to which an agent's own call goes, too. What merely fetches a URL cannot open one. */
function opensWebSocket({ method, headers }: RequestHead): boolean {
  return method === 'GET' && /^websocket$/i.test(headers.upgrade ?? '') && 'sec-websocket-key' in headers;
}

function headNotSigned(): BerthError {
  return new BerthError(
    'access-denied',
    "A presigned URL does not act as a runtime's role, except to open a WebSocket: whoever is made to fetch a URL is not who signed it. Sign the request in its Authorization header, as SDKs do.",
  );
}

/** Nobody here can check the signature. */
function provenByAddress(principal: RolePrincipal): PendingAuthentication<RolePrincipal> {
  return {
    claimedBodySha256: undefined,
    isBodySigned: false,
    principal,
    verifyBody: () => principal,
  };
}
