import type { RequestHead } from '../authenticator.ts';
import { readAuthorization } from './authorization-header.ts';
import { type PresignedQuery, readPresignedQuery } from './presigned-query.ts';
import type { SigV4Authorization } from './sigv4-authorization.ts';

/** What a request says of its signature; nothing of it is proven. */
export interface SignedHead {
  readonly authorization: SigV4Authorization;
  /** When the signature is in the query. */
  readonly presigned: PresignedQuery | undefined;
  /** Of temporary credentials. */
  readonly sessionToken: string | undefined;
}

/** Throws as `readAuthorization` and `readPresignedQuery` do. */
export function readSignedHead(head: RequestHead): SignedHead {
  const presigned = readPresignedQuery(head);
  const authorization = presigned?.authorization ?? readAuthorization(head);
  const header = head.headers['x-amz-security-token'];
  const sessionToken = presigned?.sessionToken ?? (Array.isArray(header) ? header.join(',') : header);
  return { authorization, presigned, sessionToken };
}
