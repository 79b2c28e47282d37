import { BerthError } from '../../shared/errors.ts';
import type { Scope } from '../../shared/ids.ts';
import type { Grant, GrantKey } from './grant.ts';
import { digestOf } from './token-wish.ts';

/**
 * `asked`: nobody has followed the link yet. `sent`: a browser is at the provider. `taken`: it came back, and its code is being
 * exchanged, which happens once. `answered`: the tokens are here and nobody's. `bound`: they are the user's grant.
 */
export type ConsentState = 'asked' | 'sent' | 'taken' | 'answered' | 'bound' | 'failed';

/** A user who is asked to grant something to a workload; in AWS's words an authorization session. */
export interface Consent extends Scope {
  /** Digest of the session URI. */
  readonly id: string;
  /** Digest of the request URI in the user's link. */
  readonly linkDigest: string;
  /** Of the user who is asked. */
  readonly userDigest: string;
  readonly workload: string;
  readonly providerId: string;
  readonly callbackId: string;
  /** Of the grant that it will become. */
  readonly grantId: string;
  readonly state: ConsentState;
  /** Of the browser that was sent last. */
  readonly cookieDigest: string | undefined;
  readonly sealedRequest: string;
  readonly sealedExchange: string | undefined;
  readonly sealedTokens: string | undefined;
  readonly expiresAtMs: number;
}

export interface ConsentLimits {
  readonly ofWorkload: number;
  /** Of one user of a workload, those that are over included; the oldest makes room. */
  readonly ofUser: number;
}

export interface ConsentStore {
  /** False when so many of the workload wait already. */
  insert(consent: Consent, limits: ConsentLimits, nowMs: number): Promise<boolean>;
  find(id: string): Promise<Consent | undefined>;
  findByLink(linkDigest: string): Promise<Consent | undefined>;
  findByState(stateDigest: string): Promise<Consent | undefined>;
  /** From `asked` or `sent`; the last browser counts. False when it is in another state. */
  send(
    id: string,
    sent: { readonly stateDigest: string; readonly cookieDigest: string; readonly sealedExchange: string },
  ): Promise<boolean>;
  /** From `sent`, for the browser with that state; false when it is in another state. */
  take(id: string, stateDigest: string): Promise<boolean>;
  /** From `taken`; false when it is in another state. */
  answer(id: string, sealedTokens: string): Promise<boolean>;
  /** From `answered`, with its grant in one transaction; false when it is in another state. */
  bind(id: string, key: GrantKey, grant: Grant, nowMs: number): Promise<boolean>;
  /** From any state but `bound`; its tokens are gone. */
  fail(id: string): Promise<void>;
  removeOfProvider(providerId: string): Promise<void>;
  /** Those that expired before then, whatever their state. */
  removeExpired(beforeMs: number): Promise<void>;
}

export const sessionUriPrefix = 'urn:ietf:params:oauth:request_uri:';

export function consentIdOf(sessionUri: string): string {
  return digestOf(['consent', sessionUri]);
}

/**
 * What the user's link has in the session URI's place, and does not tell it: a user who sends the link to somebody else must not know
 * the session that this one comes back with.
 */
export function linkUriOf(sessionUri: string): string {
  return `${sessionUriPrefix}${digestOf(['consent-link', sessionUri])}`;
}

export function linkDigestOf(linkUri: string): string {
  return digestOf(['link', linkUri]);
}

export function stateDigestOf(state: string): string {
  return digestOf(['state', state]);
}

/** As AWS says it, of one that never was, too. */
export function invalidConsent(): BerthError {
  return new BerthError(
    'access-denied',
    'Invalid or expired session. Ask for the token again without a sessionUri, and send the user to the new authorization URL.',
  );
}
