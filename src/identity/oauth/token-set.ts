import type { TokenEndpointResponse } from 'openid-client';
import { ProviderHttpError } from './provider-http.ts';

/** What a provider gave for a request. */
export interface TokenSet {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  /** Undefined: the provider does not say. */
  readonly expiresAtMs: number | undefined;
  /** From then on a new one is fetched; undefined: never. */
  readonly renewAtMs: number | undefined;
}

/** The service model's bound. */
const longestToken = 131_072;
const renewBeforeMs = 60_000;
/** Of a token that could be dead at any time, and can be had anew without its user. */
const unknownLifeMs = 30 * 60_000;
const longestLifeS = 10 * 365 * 86_400;

/** `refreshToken`: the one of the answer, or one that goes on without being in it. */
export function newTokenSet(
  answer: TokenEndpointResponse,
  nowMs: number,
  refreshToken: string | undefined = answer.refresh_token,
): TokenSet {
  if (answer.access_token.length > longestToken || !/^[\x21-\x7e]+$/.test(answer.access_token))
    throw new ProviderHttpError('the access token is too long, or not one line of ASCII');
  const lifeMs =
    answer.expires_in === undefined ? undefined : Math.min(answer.expires_in, longestLifeS) * 1000;
  return {
    accessToken: answer.access_token,
    refreshToken,
    expiresAtMs: lifeMs === undefined ? undefined : nowMs + lifeMs,
    renewAtMs: renewAtMs(nowMs, lifeMs, refreshToken),
  };
}

function renewAtMs(
  nowMs: number,
  lifeMs: number | undefined,
  refreshToken: string | undefined,
): number | undefined {
  // A fifth of a short life, so that such a token serves at all.
  if (lifeMs !== undefined) return nowMs + lifeMs - Math.min(renewBeforeMs, lifeMs / 5);
  return refreshToken === undefined ? undefined : nowMs + unknownLifeMs;
}
