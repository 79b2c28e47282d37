/** What both sides hash: method, path, query, signed headers and the body's SHA-256. */
export interface CanonicalParts {
  readonly method: string;
  /** Path and query as they arrived, still encoded. */
  readonly rawUrl: string;
  /** The signed headers in the order of their names, lower case, with all values of one name joined by a comma. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Lower-case hex. */
  readonly bodySha256: string;
}

/** The canonical request of AWS Signature Version 4, as every service but S3 computes it. */
export function canonicalRequest({ method, rawUrl, headers, bodySha256 }: CanonicalParts): string {
  const queryStart = rawUrl.indexOf('?');
  const path = queryStart < 0 ? rawUrl : rawUrl.slice(0, queryStart);
  const query = queryStart < 0 ? '' : rawUrl.slice(queryStart + 1);
  return [
    method,
    canonicalPath(path),
    canonicalQuery(query),
    ...headers.map(([name, value]) => `${name}:${value.trim().replace(/\s+/g, ' ')}`),
    '',
    headers.map(([name]) => name).join(';'),
    bodySha256,
  ].join('\n');
}

/** Dot segments and doubled slashes go; each segment, encoded already, is encoded once more (`%3A` to `%253A`). */
export function canonicalPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(encode(segment));
  }
  const isFolder = kept.length > 0 && path.endsWith('/');
  return `/${kept.join('/')}${isFolder ? '/' : ''}`;
}

/** Names and values encoded in one way, ordered by name and then by value. */
export function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      const name = equals < 0 ? pair : pair.slice(0, equals);
      return [recode(name), recode(equals < 0 ? '' : pair.slice(equals + 1))] as const;
    })
    .sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function recode(text: string): string {
  return encode(decode(text));
}

function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** All but the unreserved characters of RFC 3986. Lone surrogates cannot come from a socket, which gives Latin-1. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
