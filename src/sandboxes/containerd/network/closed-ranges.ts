import type { Ipv4Range } from './ipv4.ts';
import { contains, overlaps, parseRange } from './ipv4.ts';

/** Never opened by a wider range: who means these has to name them. */
export const guardedRanges = ranges('127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4');

/** Closed unless the operator opens a part, or all, of them. */
export const closedRanges = ranges(
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '240.0.0.0/4',
);

export function isGuarded(range: Ipv4Range): boolean {
  return guardedRanges.some((guard) => contains(guard, range));
}

/** Whether the firewall lets a sandbox with open egress through to an address: what a name may resolve to. */
export function isOpenAddress(address: Ipv4Range, allowed: readonly Ipv4Range[]): boolean {
  const opened = allowed.filter((range) => contains(range, address));
  if (opened.some(isGuarded)) return true;
  if (guardedRanges.some((guard) => overlaps(guard, address))) return false;
  return opened.length > 0 || !closedRanges.some((closed) => overlaps(closed, address));
}

function ranges(...texts: string[]): readonly Ipv4Range[] {
  return texts.map((text) => parseRange(text)).filter((range) => range !== undefined);
}
