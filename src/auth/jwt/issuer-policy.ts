import { BlockList, isIP } from 'node:net';

export interface IssuerPolicyParts {
  /** Origins of issuers that may be in private networks and may speak plain HTTP, as `URL.origin` writes them. */
  readonly privateIssuers: readonly string[];
  /** This machine's own addresses, as they are now. */
  readonly hostAddresses: () => readonly string[];
}

/**
 * Where Berth goes for the keys of issuers. Whoever may make a runtime chooses the URL, so it must lead neither to this machine
 * nor into the networks around it, unless the operator has named the origin.
 */
export class IssuerPolicy {
  readonly #parts: IssuerPolicyParts;

  constructor(parts: IssuerPolicyParts) {
    this.#parts = parts;
  }

  /** Why a URL is refused whatever its name resolves to, or undefined. */
  problemOf(url: URL): string | undefined {
    if (url.username !== '' || url.password !== '')
      return `The issuer's URL ${url.origin} carries a user name or password. Leave them out.`;
    if (url.protocol !== 'https:' && !this.#isNamed(url)) return mustBeNamed(url, 'is not https://');
    const host = url.hostname.replace(/^\[|\]$/g, '');
    return isIP(host) === 0 ? undefined : this.addressProblem(url, host);
  }

  /** Why an address that the URL's host name has is refused, or undefined. */
  addressProblem(url: URL, address: string): string | undefined {
    if (isIn(metadata, address)) return `The issuer ${url.origin} leads to a metadata service.`;
    if (this.#isNamed(url)) return undefined;
    const own = new BlockList();
    for (const known of this.#parts.hostAddresses()) own.addAddress(known, familyOf(known));
    if (isPublic(address) && !isIn(own, address)) return undefined;
    return mustBeNamed(url, 'is on this machine or in a private network');
  }

  #isNamed({ origin }: URL): boolean {
    return this.#parts.privateIssuers.includes(origin);
  }
}

function mustBeNamed({ origin }: URL, why: string): string {
  return `The issuer ${origin} ${why}, where Berth goes only for issuers that the server setting BERTH_PRIVATE_ISSUERS names.`;
}

/** Of clouds: they give credentials to whoever asks. */
const metadata = blocks(['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::254/128', '100.100.100.200/32']);

/** The registry of special-purpose IPv4 addresses (RFC 6890), and multicast. */
const specialIPv4 = blocks([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
]);

/** The only IPv6 addresses that are public, without those that stand for IPv4 ones and those of documentation. */
const globalIPv6 = blocks(['2000::/3']);
const specialIPv6 = blocks(['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

function isPublic(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !isIn(specialIPv4, address);
    case 6:
      return isIn(globalIPv6, address) && !isIn(specialIPv6, address);
    default:
      return false;
  }
}

function isIn(list: BlockList, address: string): boolean {
  return list.check(address.replace(/%.*$/, ''), familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

function blocks(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    list.addSubnet(address, Number(bits), familyOf(address));
  }
  return list;
}
