import { type ErrorCode, BerthError } from '../../shared/errors.ts';
import type { PendingAuthentication, RequestHead } from '../authenticator.ts';
import type { Principal, RolePrincipal } from '../principal.ts';
import type { Audit } from './audit.ts';

export interface AuditedProofParts {
  readonly audit: Pick<Audit, 'denied' | 'unproven'>;
  /** Whose sandbox a call comes from: what an agent tries is told of its role. */
  readonly roleOf?: ((connection: RequestHead['connection']) => RolePrincipal | undefined) | undefined;
}

/** Constant texts: what a caller sent as proof may be a secret in the wrong place. */
const reasons: Partial<Readonly<Record<ErrorCode, string>>> = {
  'access-denied': 'another kind of proof than is taken here',
  'invalid-signature': 'the signature does not fit',
  unauthorized: 'the token is not taken',
  'unrecognized-client': 'no key of this server, or one that is over',
};

/** Has each proof that is refused written into the audit log. A request without any is none: clients ask that way what to show. */
export function auditedProof<Asked extends readonly unknown[], Who extends Principal>(
  begin: (head: RequestHead, ...asked: Asked) => Promise<PendingAuthentication<Who>>,
  parts: AuditedProofParts,
): (head: RequestHead, ...asked: Asked) => Promise<PendingAuthentication<Who>> {
  return async (head, ...asked) => {
    try {
      const pending = await begin(head, ...asked);
      return {
        ...pending,
        verifyBody(bodySha256) {
          try {
            return pending.verifyBody(bodySha256);
          } catch (error) {
            tell(parts, head, error);
            throw error;
          }
        },
      };
    } catch (error) {
      tell(parts, head, error);
      throw error;
    }
  };
}

function tell({ audit, roleOf }: AuditedProofParts, head: RequestHead, error: unknown): void {
  const reason = error instanceof BerthError ? reasons[error.code] : undefined;
  const { headers, rawUrl, connection, requestId } = head;
  const [path = '', query = ''] = rawUrl.split('?', 2);
  const isShown = headers.authorization !== undefined || /(?:^|&)X-Amz-Signature=/i.test(query);
  if (reason === undefined || !isShown) return;
  const sourceIp = connection?.remoteAddress;
  const request = { action: 'berth:Authenticate', resource: path, reason, requestId, sourceIp };
  const role = roleOf?.(connection);
  if (role !== undefined) {
    audit.denied({ ...request, principal: role });
    return;
  }
  const inHeader = /\bCredential=([^/,]+)/.exec(headers.authorization ?? '')?.[1];
  const named = inHeader ?? /(?:^|&)X-Amz-Credential=([^&/%]+)/i.exec(query)?.[1];
  audit.unproven({ ...request, accessKeyId: accessKeyIdOf(named) });
}

/** Undefined for what has not the form of an id: it may be the secret. */
export function accessKeyIdOf(text: string | undefined): string | undefined {
  return text !== undefined && /^A[KS]IA[A-Z0-9]{16}$/.test(text) ? text : undefined;
}
