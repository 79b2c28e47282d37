import { BerthError } from '../../shared/errors.ts';

export interface SigningTime {
  /** YYYYMMDDTHHMMSSZ, as it goes into the string to sign. */
  readonly stamp: string;
  readonly atMs: number;
}

const stampPattern = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** When the request says it was signed: `x-amz-date`, or else `Date`. Throws `invalid-signature` without either. */
export function readSigningTime(amzDate: string | undefined, date: string | undefined): SigningTime {
  const text = amzDate ?? date;
  if (text === undefined) {
    throw new BerthError(
      'invalid-signature',
      'The request carries no X-Amz-Date, so its age cannot be judged.',
    );
  }
  // Most requests of a second carry the same text.
  if (text === last?.text) return last.time;
  const iso = text.trim().replace(stampPattern, '$1-$2-$3T$4:$5:$6Z');
  const atMs = iso === text.trim() && amzDate !== undefined ? Number.NaN : Date.parse(iso);
  if (Number.isNaN(atMs)) {
    throw new BerthError(
      'invalid-signature',
      'X-Amz-Date must have the form YYYYMMDDTHHMMSSZ, for example 20260131T235959Z.',
    );
  }
  const time = { stamp: toStamp(atMs), atMs };
  last = amzDate === undefined ? undefined : { text, time };
  return time;
}

let last: { readonly text: string; readonly time: SigningTime } | undefined;

/** Throws `invalid-signature` when the time that a presigned URL was made for is over. */
export function refuseExpired(time: SigningTime, nowMs: number, expiresMs: number): void {
  if (nowMs <= time.atMs + expiresMs) return;
  throw new BerthError(
    'invalid-signature',
    `Signature expired: the URL was presigned at ${time.stamp} for ${expiresMs / 1_000} seconds, and the server's time is ${toStamp(nowMs)}. Presign a new one.`,
  );
}

/** Throws `invalid-signature` when the request was signed more than `skewMs` before or after `nowMs`. */
export function refuseSkewed(time: SigningTime, nowMs: number, skewMs: number): void {
  const minutes = skewMs / 60_000;
  if (time.atMs < nowMs - skewMs) {
    throw new BerthError(
      'invalid-signature',
      `Signature expired: the request was signed at ${time.stamp}, more than ${minutes} minutes before the server's time, ${toStamp(nowMs)}. Set the clock of the client.`,
    );
  }
  if (time.atMs > nowMs + skewMs) {
    throw new BerthError(
      'invalid-signature',
      `Signature not yet current: the request was signed at ${time.stamp}, more than ${minutes} minutes after the server's time, ${toStamp(nowMs)}. Set the clock of the client.`,
    );
  }
}

function toStamp(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}
