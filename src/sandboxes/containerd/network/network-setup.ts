import { readFile } from 'node:fs/promises';

import { BerthError } from '../../../shared/errors.ts';
import { runCommand } from '../run-command.ts';
import { ensureBridge, ensureForwarding, pathMtu } from './bridge.ts';
import { chooseSubnet, readRoutes } from './choose-subnet.ts';
import { firewallRules, removeTables } from './firewall-rules.ts';
import { closeHostFirewall, openHostFirewall } from './host-firewall.ts';
import { formatRange, requireRange } from './ipv4.ts';
import { readKernelNetwork, removalFailure, removeNamespaces } from './namespaces.ts';
import { bridgeName, createNetworkNames, tableName } from './network-names.ts';
import type { NetworkNames } from './network-names.ts';
import type { InternalTls, NetworkSettings } from './network-settings.ts';
import { findNameservers } from './nameservers.ts';

export interface SetupOptions {
  readonly home: string;
  readonly serverTag: string;
  readonly network: NetworkSettings;
  readonly internalPort: number;
  readonly internalTls?: InternalTls | undefined;
}

/** The bridge and rules of one server, in place. */
export interface NetworkSetup {
  readonly names: NetworkNames;
  readonly mtu: number;
  readonly nameservers: readonly string[];
  /** Each a sentence that says what is wrong and what to do. */
  readonly warnings: readonly string[];
  /** Puts rules back that something else took away (a firewall's restart flushes everything). True when that was needed. */
  restoreRules(): Promise<boolean>;
}

export async function setUpNetwork({
  home,
  serverTag,
  network,
  internalPort,
  internalTls,
}: SetupOptions): Promise<NetworkSetup> {
  const bridge = bridgeName(serverTag);
  const allowedRanges = network.allowedCidrs.map((cidr) => requireRange('BERTH_ALLOW_CIDR', cidr));
  const subnet = await chooseSubnet({ home, serverTag, configured: network.subnet, bridge });
  const names = createNetworkNames(serverTag, subnet);
  await dropOtherSubnet(names);
  const nameservers = await findNameservers({ readText, egress: network.egress, allowedRanges });
  const rules = firewallRules({
    names,
    internalPort,
    internalTlsPort: internalTls?.port,
    allowedHostPorts: network.allowedHostPorts,
    allowedRanges,
    egress: network.egress,
    nameservers,
  });
  const warnings: string[] = [];
  // The rules come first: at no moment is there a bridge without them.
  await runCommand('nft', ['-f', '-'], { stdin: rules });
  const mtu = await pathMtu();
  await ensureBridge(names, mtu);
  if ((network.egress || allowedRanges.length > 0) && (await ensureForwarding()).wasOff) {
    warnings.push(
      'IPv4 forwarding was off and has been turned on for sandboxes; if this machine has several networks, make sure that its firewall does not forward between them.',
    );
  }
  warnings.push(...(await openHostFirewall(bridge)));
  if (network.egress && nameservers.length === 0) {
    warnings.push(
      'No IPv4 name server was found in /etc/resolv.conf: names do not resolve inside sandboxes. Add one that is not on loopback.',
    );
  }
  return {
    names,
    mtu,
    nameservers,
    warnings,
    async restoreRules() {
      const tables = await runCommand('nft', ['list', 'tables']);
      const present = ['inet', 'bridge'].every((family) =>
        tables.includes(`table ${family} ${names.table}\n`),
      );
      if (present) return false;
      await runCommand('nft', ['-f', '-'], { stdin: rules });
      await openHostFirewall(bridge);
      return true;
    },
  };
}

/** Removes everything of a server's network from the kernel: namespaces, links, bridge, rules. For `berth down --sessions`. */
export async function removeNetwork(serverTag: string): Promise<void> {
  const names = createNetworkNames(serverTag, requireRange('network', '10.0.0.0/22'));
  const { namespaces, links } = await readKernelNetwork(names);
  const owned = [...namespaces].map(([name, index]) => ({ name, index }));
  const orphans = [...links].filter((index) => !owned.some((removal) => removal.index === index));
  const left = await removeNamespaces(names, [
    ...owned,
    ...orphans.map((index) => ({ name: undefined, index })),
  ]);
  if (left.length > 0) throw removalFailure(names, left);
  await closeHostFirewall(names.bridge);
  await runCommand('ip', ['-force', '-batch', '-'], { stdin: `link del ${names.bridge}\n` }).catch(
    () => undefined,
  );
  await runCommand('nft', ['-f', '-'], { stdin: removeTables(tableName(serverTag)) });
}

/** A bridge that still has another subnet is replaced, unless sandboxes hang on it. */
async function dropOtherSubnet(names: NetworkNames): Promise<void> {
  const others = (await readRoutes()).filter(
    ({ device, range }) =>
      device === names.bridge && range.prefix < 32 && formatRange(range) !== formatRange(names.subnet),
  );
  const [other] = others;
  if (other === undefined) return;
  if ((await readKernelNetwork(names)).namespaces.size > 0) {
    throw new BerthError(
      'validation',
      `Sandboxes still use ${formatRange(other.range)}, so the subnet cannot become ${formatRange(names.subnet)}. End them with \`berth down --sessions\`, or set the subnet back.`,
    );
  }
  await runCommand('ip', ['link', 'del', names.bridge]);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
