import { BerthError } from '../../../shared/errors.ts';

/** A range of IPv4 addresses; `base` is the network address as a 32-bit number. */
export interface Ipv4Range {
  readonly base: number;
  readonly prefix: number;
}

/** Parses `10.1.2.0/24`; an address alone is a range of one. Undefined for anything else, IPv6 included. */
export function parseRange(text: string): Ipv4Range | undefined {
  const [address = '', prefixText, ...rest] = text.split('/');
  const value = parseAddress(address);
  if (value === undefined || rest.length > 0) return undefined;
  if (prefixText !== undefined && !/^\d{1,2}$/.test(prefixText)) return undefined;
  const prefix = prefixText === undefined ? 32 : Number(prefixText);
  if (prefix > 32) return undefined;
  return { base: value - (value % sizeOf(prefix)), prefix };
}

/** As `parseRange`, for settings. `setting` names the setting in the error. */
export function requireRange(setting: string, text: string): Ipv4Range {
  const range = parseRange(text);
  if (range === undefined) {
    throw new BerthError(
      'validation',
      `${setting}: "${text}" is not an IPv4 range. Write it like 192.168.1.0/24 (sandboxes have no IPv6).`,
    );
  }
  return range;
}

/** Dotted decimal, exactly four numbers without leading zeros. */
export function parseAddress(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

export function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

export function formatRange(range: Ipv4Range): string {
  return `${formatAddress(range.base)}/${range.prefix}`;
}

/** How many addresses a prefix of this length holds. */
export function sizeOf(prefix: number): number {
  return 2 ** (32 - prefix);
}

export function contains(outer: Ipv4Range, inner: Ipv4Range): boolean {
  return outer.prefix <= inner.prefix && inner.base - (inner.base % sizeOf(outer.prefix)) === outer.base;
}

export function overlaps(a: Ipv4Range, b: Ipv4Range): boolean {
  return contains(a, b) || contains(b, a);
}

/** A locally administered MAC address that says the IPv4 address, so that a neighbour entry is never stale. */
export function macOf(address: string): string {
  const octets = address.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
  return `0a:58:${octets.join(':')}`;
}
