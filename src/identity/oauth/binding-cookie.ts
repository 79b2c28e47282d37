import { timingSafeEqual } from 'node:crypto';
import type { Consent } from './consent.ts';
import { digestOf } from './token-wish.ts';

/** Only the browser that followed the link has it, so that a callback link is of no use in another one. */
export interface BindingCookie {
  readonly name: string;
  readonly value: string;
  readonly maxAgeS: number;
}

/** Reads a cookie of the request. */
export type CookieOf = (name: string) => string | undefined;

/** One per way to the provider, so that two at a time do not take each other's. */
export function cookieName(state: string): string {
  return `berth-consent-${digestOf(['cookie-name', state]).replace(/\W/g, '').slice(0, 16)}`;
}

export function cookieDigestOf(value: string): string {
  return digestOf(['cookie', value]);
}

/** Whether it is the browser that was sent to the provider with this state. */
export function isSameBrowser(cookieOf: CookieOf, state: string, { cookieDigest }: Consent): boolean {
  const cookie = cookieOf(cookieName(state));
  if (cookie === undefined || cookieDigest === undefined) return false;
  const shown = Buffer.from(cookieDigestOf(cookie));
  const known = Buffer.from(cookieDigest);
  return shown.length === known.length && timingSafeEqual(shown, known);
}
