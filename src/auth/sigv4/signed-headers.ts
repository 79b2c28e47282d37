import { BerthError } from '../../shared/errors.ts';
import type { RequestHead } from '../authenticator.ts';

type Headers = readonly (readonly [name: string, value: string])[];

/** What decides what a request means to the signature, or for whom it is. AWS's SDKs sign all of it. */
const alwaysSigned = new Set([
  ...['x-amz-date', 'x-amz-content-sha256', 'x-amz-security-token', 'x-amz-target'],
  'x-amzn-bedrock-agentcore-runtime-user-id',
]);

/**
 * A presigned URL is sent by whoever has it: everything that says which session is meant, or that an agent hears from its caller
 * by itself, is its signer's to say. In a signed head clients leave some of it unsigned: the AgentCore SDK for Python the session of
 * WebSockets, the one for TypeScript the workload token that it hands on.
 */
const signedInUrls = /^(?:x-amz-|x-amzn-bedrock-agentcore-|mcp-|workloadaccesstoken$)/;

/** Throws `invalid-signature` when Host, or a header that arrived and matters, is not among the signed ones. */
export function refuseUnsigned(
  { headers }: RequestHead,
  signedHeaders: readonly string[],
  { isPresigned }: { readonly isPresigned: boolean },
): void {
  const matters = (name: string) => alwaysSigned.has(name) || (isPresigned && signedInUrls.test(name));
  const names = ['host', ...Object.keys(headers).filter(matters)];
  const unsigned = names.filter((name) => !signedHeaders.includes(name));
  if (unsigned.length === 0) return;
  throw new BerthError(
    'invalid-signature',
    `SignedHeaders must name these headers too: ${unsigned.join(', ')}.`,
  );
}

/** The signed headers with the values that arrived. Throws `invalid-signature` when one did not arrive. */
export function signedHeaderValues(head: RequestHead, signedHeaders: readonly string[]): Headers {
  const raw = valuesByName(head.rawHeaders ?? []);
  return [...new Set(signedHeaders)].sort().map((name) => {
    const value = rawValue(name, raw) ?? joined(head.headers[name]);
    if (value !== undefined) return [name, value] as const;
    throw new BerthError(
      'invalid-signature',
      `The header ${name} was signed but did not arrive; something between client and server removed it.`,
    );
  });
}

/** Host as it arrived comes first; then without its port, or with the ports that a proxy may have dropped. */
export function* hostVariants(headers: Headers, ports: readonly number[]): Generator<Headers> {
  yield headers;
  const host = headers.find(([name]) => name === 'host')?.[1] ?? '';
  const bare = host.replace(/:\d{1,5}$/, '');
  const others = bare === host ? ports.map((port) => `${host}:${port}`) : [bare];
  for (const other of others) {
    yield headers.map(([name, value]) => [name, name === 'host' ? other : value] as const);
  }
}

/** Names in lower case, with their values in the order in which they arrived. */
function valuesByName(rawHeaders: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const byName = new Map<string, string[]>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    const value = rawHeaders[index + 1] ?? '';
    const values = byName.get(name);
    if (values === undefined) byName.set(name, [value]);
    else values.push(value);
  }
  return byName;
}

function rawValue(name: string, raw: ReadonlyMap<string, readonly string[]>): string | undefined {
  const values = raw.get(name) ?? [];
  // WebSocket clients that were given AWS's signed headers add a Host of their own to the one among them.
  const kept = name === 'host' ? [...new Set(values)] : values;
  return kept.length === 0 ? undefined : kept.join(',');
}

function joined(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value;
}
