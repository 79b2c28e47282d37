import type { Ipv4Range } from './ipv4.ts';
import { formatAddress, sizeOf } from './ipv4.ts';
import type { NetworkSlot } from './network-slot.ts';

/** Everything of one server's network is named from its tag, so that any later process finds it in the kernel. */
export interface NetworkNames {
  readonly bridge: string;
  /** Tables `inet` and `bridge` of nftables. */
  readonly table: string;
  readonly gateway: string;
  readonly subnet: Ipv4Range;
  /** Addresses are numbered 2 .. lastIndex within the subnet; 1 is the gateway. */
  readonly lastIndex: number;
  /** Link group of what is about to be removed. */
  readonly doomedGroup: number;
  slotName(index: number, nonce: string): string;
  /** The host's end of a slot's veth pair. */
  linkName(index: number): string;
  addressAt(index: number): string;
  /** The number of an address from a slot's or a link's name; undefined when the name is not this server's. */
  indexOfSlot(name: string): number | undefined;
  indexOfLink(name: string): number | undefined;
  slot(name: string, index: number): NetworkSlot;
}

export const namespaceFolder = '/run/netns';
/** A bridge holds 1,023 ports. */
export const slotLimit = 1_000;

export function createNetworkNames(serverTag: string, subnet: Ipv4Range): NetworkNames {
  const slotPrefix = `${bridgeName(serverTag)}-`;
  const linkPrefix = `bv${serverTag}-`;
  const addressAt = (index: number) => formatAddress(subnet.base + index);
  const gateway = addressAt(1);
  return {
    bridge: bridgeName(serverTag),
    table: tableName(serverTag),
    gateway,
    subnet,
    lastIndex: Math.min(slotLimit + 1, sizeOf(subnet.prefix) - 2),
    doomedGroup: 0x4000_0000 + (Number.parseInt(serverTag, 16) % 0x4000_0000),
    slotName: (index, nonce) => `${slotPrefix}${index}-${nonce}`,
    linkName: (index) => `${linkPrefix}${index}`,
    addressAt,
    indexOfSlot: (name) => leadingNumber(name, slotPrefix, /^(\d{1,4})-[a-z0-9]+$/),
    indexOfLink: (name) => leadingNumber(name, linkPrefix, /^(\d{1,4})$/),
    slot: (name, index) => ({
      name,
      namespacePath: `${namespaceFolder}/${name}`,
      address: addressAt(index),
      gateway,
    }),
  };
}

export function bridgeName(serverTag: string): string {
  return `bth-${serverTag}`;
}

export function tableName(serverTag: string): string {
  return `berth_${serverTag}`;
}

function leadingNumber(name: string, prefix: string, rest: RegExp): number | undefined {
  if (!name.startsWith(prefix)) return undefined;
  const digits = rest.exec(name.slice(prefix.length))?.[1];
  return digits === undefined ? undefined : Number(digits);
}
