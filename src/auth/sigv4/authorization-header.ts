import { BerthError } from '../../shared/errors.ts';
import type { RequestHead } from '../authenticator.ts';
import {
  algorithm,
  malformed,
  parseSigV4Parts,
  printable,
  type SigV4Authorization,
} from './sigv4-authorization.ts';

const longestHeader = 8_192;

/** Throws `missing-authentication` for none, `access-denied` for a bearer token, `invalid-signature` for any other form. */
export function readAuthorization(head: RequestHead): SigV4Authorization {
  const value = head.headers.authorization;
  if (value === undefined || value === '') throw missing();
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
  return parseSigV4Parts(
    {
      credential: parts.get('credential'),
      signedHeaders: parts.get('signedheaders'),
      signature: parts.get('signature'),
    },
    (name) => `The Authorization header's ${name}`,
  );
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

function missing(): BerthError {
  return new BerthError(
    'missing-authentication',
    "The request is not signed. Sign it with AWS Signature Version 4 and an access key of this server: 'berth env' prints what your client needs.",
  );
}

function bearerRefused(): BerthError {
  return new BerthError(
    'access-denied',
    'Authorization method mismatch: the resource is configured for a different authorization token type. It takes AWS Signature Version 4, not a bearer token.',
  );
}
