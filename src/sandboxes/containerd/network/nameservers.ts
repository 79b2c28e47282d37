import { contains, parseAddress, parseRange } from './ipv4.ts';
import type { Ipv4Range } from './ipv4.ts';

export interface NameserverSources {
  /** The text of a file, undefined when there is none. */
  readonly readText: (path: string) => Promise<string | undefined>;
  /** Without egress only the name servers inside allowed ranges can be reached. */
  readonly egress: boolean;
  readonly allowedRanges: readonly Ipv4Range[];
}

/** The host's own file first; then where resolvers that listen on loopback publish their upstreams. */
const resolverFiles = [
  '/etc/resolv.conf',
  '/run/systemd/resolve/resolv.conf',
  '/run/NetworkManager/no-stub-resolv.conf',
  '/run/NetworkManager/resolv.conf',
];
/** What a C library reads of resolv.conf. */
const nameserverLimit = 3;

/** IPv4 name servers that a sandbox can use: those of the host, and the upstreams of a resolver on the host's loopback. */
export async function findNameservers({
  readText,
  egress,
  allowedRanges,
}: NameserverSources): Promise<readonly string[]> {
  for (const file of resolverFiles) {
    const usable = nameserversOf((await readText(file)) ?? '').slice(0, nameserverLimit);
    if (usable.length > 0) return usable.filter((address) => egress || isWithin(allowedRanges, address));
  }
  return [];
}

function nameserversOf(text: string): readonly string[] {
  const found = text.split('\n').map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1]);
  return found.filter((address) => address !== undefined).filter(isReachable);
}

/** Not IPv6, and not loopback or `0.0.0.0`, which mean the host itself. */
function isReachable(address: string): boolean {
  return parseAddress(address) !== undefined && !address.startsWith('127.') && !address.startsWith('0.');
}

function isWithin(ranges: readonly Ipv4Range[], address: string): boolean {
  const single = parseRange(address);
  return single !== undefined && ranges.some((range) => contains(range, single));
}
