import { oneAtATime } from './one-at-a-time.ts';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Clock } from '../../../shared/clock.ts';
import { BerthError } from '../../../shared/errors.ts';
import type { EgressPolicy } from '../../egress-policy.ts';
import { runCommand } from '../run-command.ts';
import { ensureBridge, ensureForwarding, pathMtu } from './bridge.ts';
import { chooseSubnet, readRoutes } from './choose-subnet.ts';
import { createFirewall, type Firewall } from './firewall.ts';
import { removeTables } from './firewall-rules.ts';
import { guardForwarding, unguardForwarding } from './forward-guard.ts';
import { closeHostFirewall, openHostFirewall } from './host-firewall.ts';
import { formatRange, type Ipv4Range, requireRange } from './ipv4.ts';
import { readKernelNetwork, removalFailure, removeNamespaces } from './namespaces.ts';
import { bridgeNames, createNetworkNames, tableName } from './network-names.ts';
import type { NetworkNames } from './network-names.ts';
import type { InternalTls, NetworkSettings } from './network-settings.ts';
import { findNameservers } from './nameservers.ts';
import { readOpened } from './opened-elements.ts';
import { policyFiles, type PolicyFiles } from './policy-files.ts';

export interface SetupOptions {
  readonly home: string;
  readonly serverTag: string;
  readonly network: NetworkSettings;
  readonly internalPort: number;
  readonly internalTls?: InternalTls | undefined;
  readonly dnsPort: number;
  readonly clock: Clock;
}

/** The bridges and rules of one server, in place. */
export interface NetworkSetup {
  readonly names: NetworkNames;
  readonly mtu: number;
  readonly firewall: Firewall;
  readonly policies: PolicyFiles;
  /** By slot: those of an earlier process, in force. */
  readonly confined: ReadonlyMap<string, EgressPolicy>;
  readonly allowedRanges: readonly Ipv4Range[];
  /** For sandboxes with open egress, and for those with the server's default. */
  readonly nameservers: { readonly on: readonly string[]; readonly default: readonly string[] };
  /** Each a sentence that says what is wrong and what to do. */
  readonly warnings: readonly string[];
  /** Makes a further bridge. Idempotent. */
  addBridge(number: number): Promise<void>;
  /** Before a policy that lets anything out. Returns a warning when that was off. */
  allowForwarding(): Promise<string | undefined>;
  /** Puts back what something else took away (a firewall's restart flushes everything). True when that was Berth's own rules, the only ones that a quick look is for. */
  restoreRules(options: { readonly isQuick: boolean }): Promise<boolean>;
}

export function setUpNetwork(options: SetupOptions): Promise<NetworkSetup> {
  return oneAtATime(options.clock, () => setUp(options));
}

async function setUp(options: SetupOptions): Promise<NetworkSetup> {
  const { home, serverTag, network, internalPort, internalTls, dnsPort, clock } = options;
  const allowedRanges = network.allowedCidrs.map((cidr) => requireRange('BERTH_ALLOW_CIDR', cidr));
  const subnet = await chooseSubnet({
    home,
    serverTag,
    configured: network.subnet,
    bridges: bridgeNames(serverTag),
  });
  const names = createNetworkNames(serverTag, subnet);
  await dropOtherSubnet(names);
  const [nameservers, insideNameservers] = await Promise.all([
    findNameservers({ readText, egress: true, allowedRanges }),
    findNameservers({ readText, egress: false, allowedRanges }),
  ]);
  const present = await readKernelNetwork(names);
  const policies = policyFiles(join(home, 'network', 'policies'));
  const stored = await policies.readAll();
  const confined = new Map([...stored].filter(([slot]) => present.namespaces.has(slot)));
  await policies.remove([...stored.keys()].filter((slot) => !confined.has(slot)));
  const bridges = bridgesInUse(names, [...present.namespaces.values(), ...present.links]);
  // The rules come first: at no moment is there a bridge without them.
  const firewall = await createFirewall({
    settings: {
      names,
      internalPort,
      internalTlsPort: internalTls?.port,
      dnsPort,
      allowedHostPorts: network.allowedHostPorts,
      allowedRanges,
      egress: network.egress,
      nameservers,
      insideNameservers,
    },
    bridges,
    policies: new Map(
      [...confined].map(([slot, policy]) => [names.addressAt(names.indexOfSlot(slot) ?? 0), policy]),
    ),
    resolved: (await readOpened(names.table))
      .filter(({ set }) => set !== 'flows')
      .map((opened) => ({ ...opened, expiresAtMs: clock.now() + opened.leftMs })),
    clock,
  });
  const warnings: string[] = [];
  const mtu = await pathMtu();
  const bringUp = async (number: number) => {
    const bridge = names.bridges[number] ?? '';
    await ensureBridge(names, number, mtu);
    return [...(await guardForwarding(bridge)), ...(await openHostFirewall(bridge))];
  };
  for (const number of bridges) warnings.push(...(await bringUp(number)));
  const allowForwarding = async () => ((await ensureForwarding()).wasOff ? forwardingWarning : undefined);
  if (network.egress || allowedRanges.length > 0 || confined.size > 0) {
    const warning = await allowForwarding();
    if (warning !== undefined) warnings.push(warning);
  }
  if (network.egress && nameservers.length === 0) {
    warnings.push(
      'No IPv4 name server was found in /etc/resolv.conf: names do not resolve inside sandboxes. Add one that is not on loopback.',
    );
  }
  return {
    names,
    mtu,
    firewall,
    policies,
    confined,
    allowedRanges,
    nameservers: { on: nameservers, default: network.egress ? nameservers : insideNameservers },
    warnings: [...new Set(warnings)],
    async addBridge(number) {
      await firewall.admitBridge(number);
      await bringUp(number);
      bridges.push(number);
    },
    allowForwarding,
    async restoreRules({ isQuick }) {
      const isRestored = await firewall.restore();
      if (isQuick && !isRestored) return false;
      for (const number of bridges) await openHostFirewall(names.bridges[number] ?? '');
      return isRestored;
    },
  };
}

const forwardingWarning =
  'IPv4 forwarding was off and has been turned on for sandboxes; if this machine has several networks, make sure that its firewall does not forward between them.';

/** Removes everything of a server's network from the kernel: namespaces, links, bridges, rules. For `berth down --sessions`. */
export async function removeNetwork(serverTag: string): Promise<void> {
  const names = createNetworkNames(serverTag, requireRange('network', '10.0.0.0/16'));
  const { namespaces, links } = await readKernelNetwork(names);
  const owned = [...namespaces].map(([name, index]) => ({ name, index }));
  const orphans = [...links].filter((index) => !owned.some((removal) => removal.index === index));
  const left = await removeNamespaces(names, [
    ...owned,
    ...orphans.map((index) => ({ name: undefined, index })),
  ]);
  if (left.length > 0) throw removalFailure(names, left);
  for (const bridge of [...names.bridges].filter(isPresent)) {
    await closeHostFirewall(bridge);
    await unguardForwarding(bridge);
    await runCommand('ip', ['link', 'del', bridge]);
  }
  await runCommand('nft', ['-f', '-'], { stdin: removeTables(tableName(serverTag)) });
}

/** The first one, and every one that has slots. */
function bridgesInUse(names: NetworkNames, slots: readonly number[]): number[] {
  return [...new Set([0, ...slots.map((index) => names.bridgeOf(index))])].filter(
    (number) => number < names.bridges.length,
  );
}

/** Bridges that still have another subnet are replaced, unless sandboxes hang on them. */
async function dropOtherSubnet(names: NetworkNames): Promise<void> {
  const others = (await readRoutes()).filter(
    ({ device, range }) =>
      device === names.bridges[0] && range.prefix < 32 && formatRange(range) !== formatRange(names.subnet),
  );
  const [other] = others;
  if (other === undefined) return;
  if ((await readKernelNetwork(names)).namespaces.size > 0) {
    throw new BerthError(
      'validation',
      `Sandboxes still use ${formatRange(other.range)}, so the subnet cannot become ${formatRange(names.subnet)}. End them with \`berth down --sessions\`, or set the subnet back.`,
    );
  }
  for (const bridge of names.bridges.filter(isPresent)) await runCommand('ip', ['link', 'del', bridge]);
}

function isPresent(bridge: string): boolean {
  return existsSync(`/sys/class/net/${bridge}`);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
