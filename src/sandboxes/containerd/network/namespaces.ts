import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';

import { BerthError } from '../../../shared/errors.ts';
import { CommandFailure, runCommand } from '../run-command.ts';
import { macOf } from './ipv4.ts';
import type { NetworkNames } from './network-names.ts';
import { namespaceFolder } from './network-names.ts';
import type { NetworkSlot } from './network-slot.ts';

/** What the kernel holds of this server's slots. */
export interface KernelNetwork {
  /** Namespaces by name, with the number of their address. */
  readonly namespaces: ReadonlyMap<string, number>;
  /** Numbers of the host's ends of veth pairs. */
  readonly links: ReadonlySet<number>;
}

export async function readKernelNetwork(names: NetworkNames): Promise<KernelNetwork> {
  // Links first: a link made meanwhile is not seen, and the namespace of one that is seen was there before it.
  const links = new Set<number>();
  for (const name of await readdir('/sys/class/net')) {
    const index = names.indexOfLink(name);
    if (index !== undefined) links.add(index);
  }
  const namespaces = new Map<string, number>();
  for (const name of existsSync(namespaceFolder) ? await readdir(namespaceFolder) : []) {
    const index = names.indexOfSlot(name);
    if (index !== undefined) namespaces.set(name, index);
  }
  return { namespaces, links };
}

/** Makes the namespace and its link. Neighbour entries are fixed on both sides: nothing to resolve, nothing to forge. */
export async function makeNamespace(
  names: NetworkNames,
  slot: NetworkSlot,
  index: number,
  mtu: number,
): Promise<void> {
  const link = names.linkName(index);
  const mac = macOf(slot.address);
  const bridge = bridgeFor(names, index);
  await runCommand('ip', ['-batch', '-'], {
    stdin: [
      `netns add ${slot.name}`,
      `link add ${link} mtu ${mtu} type veth peer name eth0 mtu ${mtu} address ${mac} netns ${slot.name}`,
      `link set dev ${link} addrgenmode none master ${bridge}`,
      `link set dev ${link} type bridge_slave isolated on`,
      `link set dev ${link} up`,
      `neigh replace ${slot.address} lladdr ${mac} dev ${bridge} nud permanent`,
      '',
    ].join('\n'),
  });
  await runCommand('nsenter', [`--net=${slot.namespacePath}`, 'sh', '-c', insideScript], {
    stdin: [
      'link set lo up',
      'link set eth0 up',
      `address add ${slot.address}/${names.subnet.prefix} dev eth0`,
      `neigh replace ${slot.gateway} lladdr ${macOf(slot.gateway)} dev eth0 nud permanent`,
      `route add default via ${slot.gateway}`,
      '',
    ].join('\n'),
  });
}

/** No IPv6; an agent that is not root may listen on any port and send echo requests, as under Docker. */
const insideScript = `
cd /proc/sys/net
for each in all default lo eth0; do
  [ ! -e ipv6/conf/$each/disable_ipv6 ] || echo 1 > ipv6/conf/$each/disable_ipv6
done
echo 0 > ipv4/ip_unprivileged_port_start
echo "0 2147483647" > ipv4/ping_group_range
exec ip -batch -
`;

export interface Removal {
  /** Undefined when only the link is left. */
  readonly name: string | undefined;
  readonly index: number;
}

/** Removes namespaces with their links, whatever is left of them. Returns those that are still there afterwards. */
export async function removeNamespaces(
  names: NetworkNames,
  removals: readonly Removal[],
): Promise<readonly Removal[]> {
  if (removals.length === 0) return [];
  // Links first: that takes the address out of a namespace at once, though a process may still hold the namespace.
  // As a group, because the kernel takes 17 ms for each link alone and 24 ms for sixty in one group.
  const commands = [
    ...removals.map(({ index }) => `link set dev ${names.linkName(index)} group ${names.doomedGroup}`),
    `link del group ${names.doomedGroup}`,
    ...removals.flatMap(({ name }) => (name === undefined ? [] : [`netns del ${name}`])),
    // Last, because ip gives up a batch, forced or not, at an entry that is not there.
    ...removals.map(({ index }) => `neigh del ${names.addressAt(index)} dev ${bridgeFor(names, index)}`),
  ];
  try {
    await runCommand('ip', ['-force', '-batch', '-'], {
      stdin: `${commands.join('\n')}\n`,
      timeoutMs: 120_000,
    });
  } catch (error) {
    // Parts that were already gone are failures too; what counts is what is left.
    if (!(error instanceof CommandFailure)) throw error;
  }
  return removals.filter((removal) => isLeft(names, removal));
}

/** The error of a removal that left something. */
export function removalFailure(names: NetworkNames, left: readonly Removal[]): BerthError {
  const which = left.map(({ name, index }) => name ?? names.linkName(index)).join(', ');
  return new BerthError(
    'unavailable',
    `Network slots could not be removed, the next sweep tries again: ${which}.`,
  );
}

function isLeft(names: NetworkNames, { name, index }: Removal): boolean {
  const namespaceLeft = name !== undefined && hasNamespace(name);
  return namespaceLeft || existsSync(`/sys/class/net/${names.linkName(index)}`);
}

function bridgeFor(names: NetworkNames, index: number): string {
  return names.bridges[names.bridgeOf(index)] ?? '';
}

export function hasNamespace(name: string): boolean {
  return existsSync(`${namespaceFolder}/${name}`);
}
