import { AuthorizationResponseError, ResponseBodyError } from 'openid-client';
import { BerthError, type ErrorCode, messageOf } from '../../shared/errors.ts';
import { RefusedDestinationError } from '../../shared/guarded-lookup.ts';
import type { OauthProvider } from '../providers/credential-provider.ts';
import { ProviderHttpError } from './provider-http.ts';

/** What the flows tell the logs. */
export interface OauthEvents {
  /** `reason` has no secret and no token, and nothing that the provider chose freely. */
  oauthProviderFailed(failure: {
    readonly provider: string;
    readonly vendor: string;
    readonly reason: string;
  }): void;
}

/** Known errors (RFC 6749, 4.1.2.1 and 5.2; OpenID Connect Core 3.1.2.6; RFC 8707, 2) and what they are here. */
const codes: Readonly<Record<string, ErrorCode>> = {
  access_denied: 'access-denied',
  account_selection_required: 'access-denied',
  consent_required: 'access-denied',
  interaction_required: 'access-denied',
  invalid_client: 'access-denied',
  invalid_grant: 'access-denied',
  invalid_request: 'validation',
  invalid_scope: 'validation',
  invalid_target: 'validation',
  login_required: 'access-denied',
  server_error: 'provider-failed',
  slow_down: 'throttled',
  temporarily_unavailable: 'provider-failed',
  unauthorized_client: 'access-denied',
  unsupported_grant_type: 'validation',
  unsupported_response_type: 'validation',
};

/** The provider's own word for what went wrong, where it is a known one. */
export function providerErrorOf(error: unknown): string | undefined {
  const isAnswer = error instanceof ResponseBodyError || error instanceof AuthorizationResponseError;
  return isAnswer && Object.hasOwn(codes, error.error) ? error.error : undefined;
}

/**
 * What the caller is told of a provider's failure, which the logs learn, too. Descriptions that providers write are left out, since they may repeat
 * what was sent.
 */
export function providerFailure(error: unknown, provider: OauthProvider, events: OauthEvents): BerthError {
  // A key or a secret that cannot be had; the library wraps what is thrown while a request is made.
  const own = findCause(error, BerthError);
  if (own !== undefined) return own;
  const { name, vendor } = provider;
  const refusal = findCause(error, RefusedDestinationError);
  if (refusal !== undefined) return new BerthError('validation', refusal.message, { cause: error });
  const unreachable = findCause(error, ProviderHttpError);
  const known = providerErrorOf(error);
  const isAnswer = error instanceof ResponseBodyError || error instanceof AuthorizationResponseError;
  const said = known ?? (isAnswer ? 'an unknown error' : undefined);
  // Of the library's own errors the message is fixed; what they judged is in `cause` and stays there.
  const reason = unreachable?.message ?? said ?? messageOf(error);
  events.oauthProviderFailed({ provider: name, vendor, reason });
  if (unreachable?.isThrottled === true)
    return new BerthError('throttled', `Credential provider ${name} is asked too often. Try again later.`);
  if (said === undefined) {
    return new BerthError(
      'provider-failed',
      `Credential provider ${name} does not answer as an OAuth 2.0 server does. Try again later; the server's log says more.`,
    );
  }
  const code = known === undefined ? 'validation' : (codes[known] ?? 'validation');
  return new BerthError(
    code,
    `Credential provider ${name} refuses the request: ${said}. Compare scopes, client and settings with what is registered there.`,
  );
}

function findCause<Kind extends Error>(
  error: unknown,
  kind: new (...parts: never[]) => Kind,
): Kind | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof kind) return at;
  return undefined;
}
