import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** Short texts that only this server can have made, good until a time. They are signed, not encrypted. */
export interface SignedTokens<Payload> {
  sign(payload: Payload, expiresAtMs: number): string;
  /** The payload, or undefined when the token is malformed, forged, expired or was signed for another purpose. */
  open(token: string, nowMs: number): Payload | undefined;
}

export interface SignedTokensParts<Payload> {
  readonly serverSecret: Uint8Array;
  /** Each purpose has a key of its own, derived from the server's secret. */
  readonly purpose: string;
  readonly payload: z.ZodType<Payload>;
}

const longestToken = 65_536;

/** HMAC-SHA256 over JSON. */
export function createSignedTokens<Payload>(parts: SignedTokensParts<Payload>): SignedTokens<Payload> {
  const key = Buffer.from(hkdfSync('sha256', parts.serverSecret, '', `berth ${parts.purpose}`, 32));
  const mac = (text: string) => createHmac('sha256', key).update(text).digest();
  const signed = z.tuple([z.number(), parts.payload]);
  return {
    sign(payload, expiresAtMs) {
      const body = Buffer.from(JSON.stringify([expiresAtMs, payload])).toString('base64url');
      return `${body}.${mac(body).toString('base64url')}`;
    },
    open(token, nowMs) {
      if (token.length > longestToken) return undefined;
      const [body = '', signature = '', ...rest] = token.split('.');
      const given = Buffer.from(signature, 'base64url');
      const expected = mac(body);
      if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected))
        return undefined;
      const [expiresAtMs, payload] = signed.parse(JSON.parse(Buffer.from(body, 'base64url').toString()));
      return nowMs < expiresAtMs ? payload : undefined;
    },
  };
}
