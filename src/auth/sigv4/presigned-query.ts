import { BerthError } from '../../shared/errors.ts';
import type { RequestHead } from '../authenticator.ts';
import { sha256OfBody } from './body-hash.ts';
import {
  algorithm,
  malformed,
  parseSigV4Parts,
  printable,
  type SigV4Authorization,
} from './sigv4-authorization.ts';

/** A request that is signed in its query: a presigned URL. */
export interface PresignedQuery {
  readonly authorization: SigV4Authorization;
  /** X-Amz-Date as it arrived. */
  readonly date: string | undefined;
  readonly expiresMs: number;
  readonly sessionToken: string | undefined;
  /** Lower-case hex; only clients that were told a body's hash beforehand put it there. */
  readonly claimedBodySha256: string | undefined;
  /** The URL that was signed: all but the signature itself. */
  readonly rawUrl: string;
}

/** As AWS has it for AgentCore (contract 1.4). */
const longestExpiryS = 300;
const isPresigned = /[?&]X-Amz-(?:Signature|Algorithm|Credential)=/;

/** Undefined for a request that is not presigned. Throws `invalid-signature` for one that is so in another form, or twice. */
export function readPresignedQuery({ rawUrl, headers }: RequestHead): PresignedQuery | undefined {
  if (!isPresigned.test(rawUrl)) return undefined;
  if (headers.authorization !== undefined) {
    throw malformed(
      'The request is signed in its query (a presigned URL) and has an Authorization header as well; send one of them.',
    );
  }
  const [path = '', ...rest] = rawUrl.split('?');
  const pairs = rest.join('?').split('&');
  const parameters = readParameters(pairs);
  const given = parameters.get('X-Amz-Algorithm');
  if (given !== algorithm)
    throw malformed(`X-Amz-Algorithm is '${printable(given ?? '')}'; expected ${algorithm}.`);
  return {
    authorization: parseSigV4Parts(
      {
        credential: parameters.get('X-Amz-Credential'),
        signedHeaders: parameters.get('X-Amz-SignedHeaders'),
        signature: parameters.get('X-Amz-Signature'),
      },
      (name) => `X-Amz-${name}`,
    ),
    date: parameters.get('X-Amz-Date'),
    expiresMs: readExpiry(parameters.get('X-Amz-Expires')) * 1_000,
    sessionToken: parameters.get('X-Amz-Security-Token'),
    claimedBodySha256: sha256OfBody(
      parameters.get('X-Amz-Content-Sha256') ?? parameters.get('x-amz-content-sha256'),
    ),
    rawUrl: `${path}?${pairs.filter((pair) => !pair.startsWith('X-Amz-Signature=')).join('&')}`,
  };
}

/** Those of the signature, each of which means one thing only. */
function readParameters(pairs: readonly string[]): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of pairs) {
    const [name = '', ...value] = pair.split('=');
    if (!/^x-amz-/i.test(name)) continue;
    if (parameters.has(name)) throw malformed(`The presigned URL names ${printable(name)} twice.`);
    parameters.set(name, decode(value.join('=')));
  }
  return parameters;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed('The query of the presigned URL is not percent-encoded UTF-8.');
  }
}

function readExpiry(text: string | undefined): number {
  const seconds = /^\d{1,10}$/.test(text ?? '') ? Number(text) : 0;
  if (seconds >= 1 && seconds <= longestExpiryS) return seconds;
  throw new BerthError(
    'invalid-signature',
    `X-Amz-Expires must be 1 to ${longestExpiryS} seconds; presign the URL for a shorter time.`,
  );
}
