import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Audit } from '../../auth/audit/audit.ts';
import type { RolePrincipal } from '../../auth/principal.ts';
import type { MetadataTokens } from '../../auth/role/metadata-tokens.ts';
import type { RoleCallers } from '../../auth/role/role-callers.ts';
import type { RoleCredentials, TemporaryCredentials } from '../../auth/role/role-credentials.ts';
import {
  containerCredentialsHost,
  containerCredentialsPath,
  instanceMetadataHost,
} from '../../shared/metadata-addresses.ts';
import { answerInstanceMetadata } from './instance-metadata.ts';
import { type MetadataAnswer, shownCredentials } from './metadata-answer.ts';

export interface MetadataServiceParts {
  readonly callers: Pick<RoleCallers, 'of'>;
  readonly credentials: Pick<RoleCredentials, 'issue'>;
  readonly tokens: Pick<MetadataTokens, 'issue' | 'isValid'>;
  readonly audit: Pick<Audit, 'denied'>;
}

/**
 * The two services that AWS SDKs ask for credentials by themselves, those of containers and of EC2's instances. The caller's address is
 * the proof: a sandbox is given those of its own session, and before it has one, none.
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
    const isContainer = hostOf(request) === containerCredentialsHost;
    const refused = (why: string) => (isContainer ? refusal(403, why) : { status: 403, body: `${why}\n` });
    if (request.headers['x-forwarded-for'] !== undefined) return refused(byProxy);
    const role = callers.of(request.socket);
    if (role === undefined) return refused(noSession);
    const issue = () => credentials.issue(role);
    if (isContainer) return answerContainer(request, role, issue);
    const answer = answerInstanceMetadata(request, { role, issue, tokens });
    if (answer.status === 401) this.#tell(request, role, 'no token of version 2, or not a good one');
    if (answer.status === 403) this.#tell(request, role, 'the request came by a proxy');
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
function answerContainer(
  { method, url }: IncomingMessage,
  role: RolePrincipal,
  issue: () => TemporaryCredentials,
): MetadataAnswer {
  if (method !== 'GET' || url !== containerCredentialsPath)
    return refusal(404, `Here is only GET ${containerCredentialsPath}.`);
  return { status: 200, body: { RoleArn: role.roleArn, ...shownCredentials(issue()) } };
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
