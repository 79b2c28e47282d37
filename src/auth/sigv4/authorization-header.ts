import { BerthError } from '../../shared/errors.ts';
import type { RequestHead } from '../authenticator.ts';

/** What an AWS Signature Version 4 `Authorization` header says. */
export interface SigV4Authorization {
  readonly accessKeyId: string;
  /** Of the credential scope: YYYYMMDD. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  /** Lower case, in the order given. */
  readonly signedHeaders: readonly string[];
  /** 64 lower-case hex digits. */
  readonly signature: string;
}

const algorithm = 'AWS4-HMAC-SHA256';
const longestHeader = 8_192;

/** Throws `missing-authentication` for none, `access-denied` for a bearer token, `invalid-signature` for any other form. */
export function readAuthorization(head: RequestHead): SigV4Authorization {
  const value = head.headers.authorization;
  if (value === undefined || value === '') throw missing(head.rawUrl);
  if (countOf('authorization', head.rawHeaders) > 1) {
    throw malformed('The request carries more than one Authorization header; send exactly one.');
  }
  return parseAuthorization(value);
}

export function parseAuthorization(value: string): SigV4Authorization {
  const [scheme = ''] = value.split(/\s/, 1);
  if (scheme.toLowerCase() === 'bearer') throw bearerRefused();
  if (scheme !== algorithm) {
    throw malformed(
      `The Authorization header uses the scheme '${printable(scheme)}'; expected ${algorithm} with an access key of this server (see 'berth env').`,
    );
  }
  if (value.length > longestHeader)
    throw malformed(`The Authorization header is longer than ${longestHeader} bytes.`);
  const parts = splitParts(value.slice(algorithm.length));
  const scope = (parts.get('credential') ?? '').split('/');
  const [accessKeyId, date, region, service, terminator] = scope;
  if (!accessKeyId || !date || !region || !service || terminator !== 'aws4_request' || scope.length !== 5) {
    throw malformed(
      "The Authorization header's Credential must be KEY-ID/YYYYMMDD/REGION/bedrock-agentcore/aws4_request.",
    );
  }
  if (!/^\w{1,128}$/.test(accessKeyId) || !/^\d{8}$/.test(date)) {
    throw malformed("The Authorization header's Credential holds a malformed access key id or date.");
  }
  const signature = parts.get('signature') ?? '';
  if (!/^[0-9a-f]{64}$/.test(signature)) {
    throw malformed("The Authorization header's Signature must be 64 lower-case hex digits.");
  }
  const signedHeaders = (parts.get('signedheaders') ?? '').toLowerCase().split(';');
  if (!signedHeaders.every((name) => /^[!#$%&'*+.^`|~\w-]+$/.test(name))) {
    throw malformed("The Authorization header's SignedHeaders must be header names with ';' between them.");
  }
  return { accessKeyId, date, region, service, signedHeaders, signature };
}

function splitParts(text: string): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  for (const part of text.split(',')) {
    const [name = '', ...rest] = part.trim().split('=');
    const key = name.toLowerCase();
    if (parts.has(key)) throw malformed(`The Authorization header names ${printable(name)} twice.`);
    parts.set(key, rest.join('='));
  }
  return parts;
}

function countOf(name: string, rawHeaders: readonly string[] = []): number {
  return rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === name).length;
}

function missing(rawUrl: string): BerthError {
  const isPresigned = /[?&]X-Amz-(?:Signature|Algorithm)=/i.test(rawUrl);
  return new BerthError(
    'missing-authentication',
    isPresigned
      ? 'The request is signed in its query (a presigned URL), which this server does not accept yet. Sign it in the Authorization header instead.'
      : "The request is not signed. Sign it with AWS Signature Version 4 and an access key of this server: 'berth env' prints what your client needs.",
  );
}

function bearerRefused(): BerthError {
  return new BerthError(
    'access-denied',
    'Authorization method mismatch: the resource is configured for a different authorization token type. It takes AWS Signature Version 4, not a bearer token.',
  );
}

function malformed(message: string): BerthError {
  return new BerthError('invalid-signature', message);
}

/** What a caller sent, cut and harmless enough to be repeated in a message. */
function printable(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '?').slice(0, 40);
}
