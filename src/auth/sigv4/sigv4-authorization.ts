import { BerthError } from '../../shared/errors.ts';

/** What an AWS Signature Version 4 says, in the Authorization header or in the query. */
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

export const algorithm = 'AWS4-HMAC-SHA256';

/** `nameOf` says where a part was found. Throws `invalid-signature` for parts that are missing or of another form. */
export function parseSigV4Parts(
  parts: Readonly<Record<'credential' | 'signedHeaders' | 'signature', string | undefined>>,
  nameOf: (name: 'Credential' | 'SignedHeaders' | 'Signature') => string,
): SigV4Authorization {
  const scope = (parts.credential ?? '').split('/');
  const [accessKeyId, date, region, service, terminator] = scope;
  if (!accessKeyId || !date || !region || !service || terminator !== 'aws4_request' || scope.length !== 5) {
    throw malformed(`${nameOf('Credential')} must be KEY-ID/YYYYMMDD/REGION/bedrock-agentcore/aws4_request.`);
  }
  if (!/^\w{1,128}$/.test(accessKeyId) || !/^\d{8}$/.test(date)) {
    throw malformed(`${nameOf('Credential')} holds a malformed access key id or date.`);
  }
  const signature = parts.signature ?? '';
  if (!/^[0-9a-f]{64}$/.test(signature)) {
    throw malformed(`${nameOf('Signature')} must be 64 lower-case hex digits.`);
  }
  const signedHeaders = (parts.signedHeaders ?? '').toLowerCase().split(';');
  if (!signedHeaders.every((name) => /^[!#$%&'*+.^`|~\w-]+$/.test(name))) {
    throw malformed(`${nameOf('SignedHeaders')} must be header names with ';' between them.`);
  }
  return { accessKeyId, date, region, service, signedHeaders, signature };
}

export function malformed(message: string): BerthError {
  return new BerthError('invalid-signature', message);
}

/** What a caller sent, cut and harmless enough to be repeated in a message. */
export function printable(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '?').slice(0, 40);
}
