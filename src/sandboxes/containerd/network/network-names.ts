import type { Ipv4Range } from './ipv4.ts';
import { formatAddress, sizeOf } from './ipv4.ts';
import type { NetworkSlot } from './network-slot.ts';

/** Everything of one server's network is named from its tag, so that any later process finds it in the kernel. */
export interface NetworkNames {
  /** Every bridge that the subnet has room for, the first one first; those beyond it are made as they are needed. */
  readonly bridges: readonly string[];
  /** Tables `inet` and `bridge` of nftables. */
  readonly table: string;
  readonly gateway: string;
  readonly subnet: Ipv4Range;
  /** Slots are numbered 2 .. lastIndex, a thousand to a bridge; 1 is the gateway. */
  readonly lastIndex: number;
  /** Link group of what is about to be removed. */
  readonly doomedGroup: number;
  slotName(index: number, nonce: string): string;
  /** The host's end of a slot's veth pair. */
  linkName(index: number): string;
  addressAt(index: number): string;
  /** The bridge that a slot hangs on, by its place in `bridges`. */
  bridgeOf(index: number): number;
  /** First and last slot number of a bridge. */
  slotsOf(bridge: number): readonly [first: number, last: number];
  /** What lies behind a bridge. */
  rangeOf(bridge: number): Ipv4Range;
  /** The number of an address from a slot's or a link's name; undefined when the name is not this server's. */
  indexOfSlot(name: string): number | undefined;
  indexOfLink(name: string): number | undefined;
  slot(name: string, index: number): NetworkSlot;
}

export const namespaceFolder = '/run/netns';
/** A bridge holds 1,023 ports. */
export const slotsPerBridge = 1_000;
const firstIndex = 2;
/** Each bridge has a /22 of the subnet. */
const bridgePrefix = 22;
/** So that a slot's number has at most four digits: names of interfaces have fifteen characters. */
const mostBridges = 9;

export function createNetworkNames(serverTag: string, subnet: Ipv4Range): NetworkNames {
  const slotPrefix = `${bridgeName(serverTag)}-`;
  const linkPrefix = `bv${serverTag}-`;
  const bridgeOf = (index: number) => Math.max(0, Math.floor((index - firstIndex) / slotsPerBridge));
  const rangeOf = (bridge: number): Ipv4Range => ({
    base: subnet.base + bridge * sizeOf(bridgePrefix),
    prefix: Math.max(bridgePrefix, subnet.prefix),
  });
  const addressAt = (index: number) => {
    const bridge = bridgeOf(index);
    return formatAddress(rangeOf(bridge).base + index - bridge * slotsPerBridge);
  };
  const gateway = addressAt(1);
  const bridgeCount = Math.min(mostBridges, Math.max(1, sizeOf(subnet.prefix) / sizeOf(bridgePrefix)));
  const lastIndex = Math.min(bridgeCount * slotsPerBridge + 1, sizeOf(subnet.prefix) - 2);
  return {
    bridges: bridgeNames(serverTag).slice(0, bridgeCount),
    table: tableName(serverTag),
    gateway,
    subnet,
    lastIndex,
    doomedGroup: 0x4000_0000 + (Number.parseInt(serverTag, 16) % 0x4000_0000),
    slotName: (index, nonce) => `${slotPrefix}${index}-${nonce}`,
    linkName: (index) => `${linkPrefix}${index}`,
    addressAt,
    bridgeOf,
    rangeOf,
    slotsOf: (bridge) => [
      firstIndex + bridge * slotsPerBridge,
      Math.min(lastIndex, (bridge + 1) * slotsPerBridge + 1),
    ],
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

/** Those that a server of any subnet may have. */
export function bridgeNames(serverTag: string): readonly string[] {
  const first = bridgeName(serverTag);
  return [first, ...Array.from({ length: mostBridges - 1 }, (_, i) => `${first}-${i + 1}`)];
}

export function tableName(serverTag: string): string {
  return `berth_${serverTag}`;
}

function leadingNumber(name: string, prefix: string, rest: RegExp): number | undefined {
  if (!name.startsWith(prefix)) return undefined;
  const digits = rest.exec(name.slice(prefix.length))?.[1];
  return digits === undefined ? undefined : Number(digits);
}
