import type { RequestHead } from '../../auth/authenticator.ts';
import { runtimeArn } from '../../runtimes/arns.ts';
import type { InvocationTarget, InvocationTargets } from '../../runtimes/runtime.ts';
import { BerthError } from '../../shared/errors.ts';
import { issuerOf } from '../../shared/issuer-name.ts';
import type { Scope } from '../../shared/ids.ts';
import { advertisedScopes, type JwtAuthorizer } from '../../shared/jwt-authorizer.ts';
import { originOf } from '../base-url.ts';
import type { DataRoute } from './data-route.ts';
import type { Exchange } from './exchange.ts';
import { readRuntimeAddress } from './runtime-address.ts';

interface Addressed {
  readonly target: InvocationTarget;
  readonly head: Pick<RequestHead, 'rawUrl' | 'origin'>;
  readonly publicUrl: string | undefined;
}

export interface ProtectedResourceParts {
  /** The server's only account and region. */
  readonly scope: Scope;
  readonly targets: Pick<InvocationTargets, 'find'>;
  /** Base of URLs in answers; undefined: the server as its caller knows it. */
  readonly publicUrl: string | undefined;
}

/** The WWW-Authenticate header that tells a client without a good token where to learn how to get one (RFC 9728, 5.1). */
export function challengeFor({
  authorizer,
  ...addressed
}: Addressed & { authorizer: JwtAuthorizer }): string {
  const { metadata } = urlsOf(addressed);
  const scopes = advertisedScopes(authorizer);
  // A scope holds neither quotes nor backslashes: the service model's pattern sees to it.
  const scope = scopes.length === 0 ? '' : `, scope="${scopes.join(' ')}"`;
  return `Bearer resource_metadata="${metadata}"${scope}`;
}

/** GetRuntimeProtectedResourceMetadata: who issues tokens for a runtime (RFC 9728). Anyone may ask; what takes no tokens is not there. */
export async function getProtectedResource(
  { scope, targets, publicUrl }: ProtectedResourceParts,
  { request, response, requestId }: Pick<Exchange, 'request' | 'response' | 'requestId'>,
  route: DataRoute,
): Promise<void> {
  const { runtimeId, qualifier } = readRuntimeAddress(route, scope);
  const target = await targets.find(scope, runtimeId, qualifier).catch((error: unknown) => {
    throw error instanceof BerthError && error.code !== 'internal' ? notHere() : error;
  });
  const { authorizer } = target.version;
  if (authorizer === undefined) throw notHere();
  const head = { rawUrl: request.url ?? '', origin: () => originOf(request) };
  const scopes = advertisedScopes(authorizer);
  const document = {
    resource: urlsOf({ target, head, publicUrl }).resource,
    authorization_servers: [issuerOf(authorizer.discoveryUrl)],
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
  };
  const body = JSON.stringify(document);
  request.resume();
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': requestId,
  });
  response.end(body);
}

/** Clients hold `resource` against the URL that they called: a qualifier is there when they had one. */
function urlsOf({ target, head, publicUrl }: Addressed): { resource: string; metadata: string } {
  const { runtime, endpoint } = target;
  const base = publicUrl ?? head.origin?.() ?? '';
  const path = `/runtimes/${encodeURIComponent(runtimeArn(runtime, runtime.id))}/invocations`;
  const hasQualifier = /[?&]qualifier=/.test(head.rawUrl);
  const query = hasQualifier ? `?qualifier=${encodeURIComponent(endpoint.name)}` : '';
  return {
    resource: `${base}${path}${query}`,
    metadata: `${base}${path}/.well-known/oauth-protected-resource${query}`,
  };
}

/** The same for whatever reason: strangers learn of no runtime that does not say of itself that it takes tokens. */
function notHere(): BerthError {
  return new BerthError('not-found', 'No runtime or endpoint that takes bearer tokens is at this path.');
}
