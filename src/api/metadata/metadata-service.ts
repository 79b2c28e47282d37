import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Audit } from '../../auth/audit/audit.ts';
import type { RolePrincipal } from '../../auth/principal.ts';
import type { MetadataTokens } from '../../auth/role/metadata-tokens.ts';
import type { RoleCallers } from '../../auth/role/role-callers.ts';
import type { RoleCredentials } from '../../auth/role/role-credentials.ts';
import {
  containerCredentialsHost,
  containerCredentialsPath,
  instanceMetadataHost,
} from '../../shared/metadata-addresses.ts';
import { answerInstanceMetadata } from './instance-metadata.ts';
import { type MetadataAnswer, shownCredentials } from './metadata-answer.ts';

export interface MetadataServiceParts {
  readonly callers: Pick<RoleCallers, 'of'>;
  readonly credentials: Pick<RoleCredentials, 'issue' | 'placeholder'>;
  readonly tokens: Pick<MetadataTokens, 'issue' | 'isValid'>;
  readonly audit: Pick<Audit, 'denied'>;
}

/**
 * The two services that AWS SDKs ask for credentials by themselves, those of containers and of EC2's instances. The caller's address is
 * the proof: a sandbox is given those of its own session, and without one a placeholder.
 */
export class MetadataService {
  readonly #parts: MetadataServiceParts;

  constructor(parts: MetadataServiceParts) {
    this.#parts = parts;
  }

  /** By the name it is asked by: another name that was made to lead there gets nothing. */
  handles(request: IncomingMessage): boolean {
    const host = hostOf(request);
    return host === containerCredentialsHost || host === instanceMetadataHost;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const { status, body, headers } = this.#answer(request);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    request.resume();
    response
      .writeHead(status, {
        'content-type': typeof body === 'string' ? 'text/plain' : 'application/json',
        'content-length': Buffer.byteLength(text),
        'cache-control': 'no-store',
        // Nobody waits for what may come of it.
        ...(hasBody(request) && { connection: 'close' }),
        ...headers,
      })
      .end(text);
  }

  #answer(request: IncomingMessage): MetadataAnswer {
    const { callers, credentials, tokens } = this.#parts;
    const role = callers.of(request.socket);
    const isContainer = hostOf(request) === containerCredentialsHost;
    if (request.headers['x-forwarded-for'] !== undefined) {
      if (role !== undefined) this.#tell(request, role, 'the request came by a proxy');
      return isContainer ? refusal(403, byProxy) : { status: 403, body: `${byProxy}\n` };
    }
    if (isContainer)
      return answerContainer(request, () =>
        role === undefined
          ? shownCredentials(credentials.placeholder())
          : { RoleArn: role.roleArn, ...shownCredentials(credentials.issue(role)) },
      );
    if (role === undefined) return { status: 403, body: `${noSession}\n` };
    const answer = answerInstanceMetadata(request, { role, issue: () => credentials.issue(role), tokens });
    if (answer.status === 401) this.#tell(request, role, 'no token of version 2, or not a good one');
    return answer;
  }

  /** What asks without a token of its own is rather made to ask. */
  #tell({ url = '', socket }: IncomingMessage, principal: RolePrincipal, reason: string): void {
    this.#parts.audit.denied({
      principal,
      action: 'berth:GetRoleCredentials',
      resource: url.split('?', 1).join(''),
      reason,
      requestId: undefined,
      sourceIp: socket.remoteAddress,
    });
  }
}

/** As ECS answers it (AWS SDKs, container credential provider). */
function answerContainer({ method, url }: IncomingMessage, credentials: () => object): MetadataAnswer {
  if (method === 'GET' && url === containerCredentialsPath) return { status: 200, body: credentials() };
  return refusal(404, `Here is only GET ${containerCredentialsPath}.`);
}

const noSession =
  'This sandbox has no session: one that is kept ready has no credentials, nor has one that is ending.';

/** A proxy that was tricked into passing a request on says so. */
const byProxy = 'Forbidden: the request came by a proxy.';

function refusal(status: number, message: string): MetadataAnswer {
  return { status, body: { code: status === 403 ? 'AccessDenied' : 'NotFound', message } };
}

function hostOf({ headers }: IncomingMessage): string {
  return (headers.host ?? '').replace(/:80$/, '');
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
