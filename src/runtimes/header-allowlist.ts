/**
 * What is wrong with the header names that a runtime wants to receive, or undefined. The platform's own headers and those that
 * steer HTTP itself are refused (contract 1.7), and Authorization unless callers prove themselves with bearer tokens.
 */
export function headerAllowlistProblem(
  names: readonly string[],
  { hasTokenCallers }: { readonly hasTokenCallers: boolean },
): string | undefined {
  const seen = new Set<string>();
  for (const name of names) {
    const lower = name.toLowerCase();
    if (seen.has(lower))
      return `The header ${name} is listed twice; names are compared without regard to case.`;
    seen.add(lower);
    if (lower === 'authorization' && hasTokenCallers) continue;
    const reason = reasonToRefuse(lower);
    if (reason !== undefined)
      return `The header ${name} cannot be passed to an agent: ${reason}. Remove it from the list.`;
  }
  return undefined;
}

const customPrefix = 'x-amzn-bedrock-agentcore-runtime-custom-';

function reasonToRefuse(name: string): string | undefined {
  if (name === 'authorization') {
    return "it holds the caller's AWS signature unless the runtime has a customJWTAuthorizer";
  }
  if (name.startsWith('x-amz-')) return 'names that begin with x-amz- belong to AWS signatures';
  if (name.startsWith('x-amzn-') && (!name.startsWith(customPrefix) || name === customPrefix)) {
    return 'of the names that begin with x-amzn- only X-Amzn-Bedrock-AgentCore-Runtime-Custom-NAME is open';
  }
  const isReserved = reservedPrefixes.some((prefix) => name.startsWith(prefix)) || reserved.has(name);
  return isReserved ? 'it belongs to HTTP, to browsers or to proxies' : undefined;
}

const reservedPrefixes = [
  'accept-',
  'access-control-',
  'content-',
  'cross-origin-',
  'if-',
  'proxy-',
  'public-key-pins',
  'sec-websocket-',
  'x-forwarded-',
];

/** By subject: negotiation, caching, connection, client, server, security, hints, proxies. */
const reserved = new Set(
  `accept range www-authenticate
  cache-control etag expires last-modified pragma vary
  connection keep-alive upgrade host te trailer transfer-encoding link
  user-agent referer from origin cookie
  server date location retry-after set-cookie
  strict-transport-security x-content-type-options x-frame-options x-xss-protection referrer-policy permissions-policy
  feature-policy clear-site-data expect-ct
  dpr width viewport-width downlink ect rtt save-data
  via forwarded x-real-ip x-requested-with x-csrf-token true-client-ip x-client-ip x-cluster-client-ip x-originating-ip
  x-source-ip x-original-url x-original-host x-rewrite-url cf-ray cf-connecting-ip x-cache x-served-by`.split(
    /\s+/,
  ),
);
