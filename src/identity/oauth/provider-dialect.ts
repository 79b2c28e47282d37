import type { OauthDialect } from '../providers/credential-provider.ts';
import type { ProviderRequest } from './provider-http.ts';

/** A request to the token endpoint as the vendor takes it. */
export function spokenRequest(dialect: OauthDialect, request: ProviderRequest): ProviderRequest {
  const headers = { ...request.headers, ...dialect.tokenRequestHeaders };
  if (dialect.tokenRequestBody === 'form' || request.body === undefined) return { ...request, headers };
  const members = Object.fromEntries(new URLSearchParams(request.body));
  return {
    ...request,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(members),
  };
}

/** The vendor's answer to `request` as RFC 6749 has it (5.1 and 5.2). `hasIssuer`: its ID tokens can be checked. */
export async function standardAnswer(
  dialect: OauthDialect,
  hasIssuer: boolean,
  request: ProviderRequest,
  answer: Response,
): Promise<Response> {
  const text = await answer.text();
  const content = parse(text);
  const type = answer.headers.get('content-type');
  const headers: Record<string, string> = type === null ? {} : { 'content-type': type };
  if (content === undefined) return new Response(text, { status: answer.status, headers });
  const failure = (error: unknown) => new Response(JSON.stringify({ error }), { status: 400, headers });
  const isFailure =
    !answer.ok || (dialect.failsWithSuccess && ('error' in content || content['ok'] === false));
  if (isFailure && isRefresh(request) && saysRefused(dialect, content)) return failure('invalid_grant');
  if (isFailure && answer.ok) return failure(content['error'] ?? 'unknown');
  const standard = { ...content, ...tokensOf(dialect, content) };
  if (dialect.isBearerWhateverItSays) Object.assign(standard, { token_type: 'bearer' });
  // Which scopes were granted says the provider to its resources; here the wish counts.
  const { scope: _, id_token: idToken, ...rest } = standard as Record<string, unknown>;
  const shown = hasIssuer && idToken !== undefined ? { ...rest, id_token: idToken } : rest;
  return new Response(JSON.stringify(shown), { status: answer.status, headers });
}

function isRefresh({ body }: ProviderRequest): boolean {
  return new URLSearchParams(body).get('grant_type') === 'refresh_token';
}

function saysRefused({ refusedRefreshes }: OauthDialect, content: Record<string, unknown>): boolean {
  return ['error', 'status', 'message'].some((name) =>
    refusedRefreshes.some((said) => said === content[name]),
  );
}

/** The first place that has an access token, with what belongs to it. */
function tokensOf({ accessTokenPaths }: OauthDialect, content: Record<string, unknown>): object {
  for (const path of accessTokenPaths) {
    const place = path.slice(0, -1).reduce<unknown>(memberOf, content);
    const token = memberOf(place, path.at(-1) ?? '');
    if (typeof token !== 'string') continue;
    const beside = ['refresh_token', 'expires_in']
      .map((name) => [name, memberOf(place, name)] as const)
      .filter(([, value]) => value !== undefined && !isEmpty(value));
    return { access_token: token, ...Object.fromEntries(beside) };
  }
  return {};
}

function memberOf(place: unknown, name: string): unknown {
  const isPlace = typeof place === 'object' && place !== null && Object.hasOwn(place, name);
  return isPlace ? (place as Record<string, unknown>)[name] : undefined;
}

/** Some write what they do not give, such as a refresh token, as null or as an empty text. */
function isEmpty(value: unknown): boolean {
  return value === null || value === '';
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content !== 'object' || content === null || Array.isArray(content)) return undefined;
    return Object.fromEntries(Object.entries(content).filter(([, value]) => !isEmpty(value)));
  } catch {
    return undefined;
  }
}
