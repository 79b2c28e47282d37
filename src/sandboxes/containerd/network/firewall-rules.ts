import type { Ipv4Range } from './ipv4.ts';
import { contains, formatRange, macOf, parseRange } from './ipv4.ts';
import type { NetworkNames } from './network-names.ts';

export interface FirewallSettings {
  readonly names: Pick<
    NetworkNames,
    'addressAt' | 'bridge' | 'gateway' | 'lastIndex' | 'linkName' | 'subnet' | 'table'
  >;
  /** TCP port of Berth's internal listener on the gateway's address. */
  readonly internalPort: number;
  /** The same with TLS, which sandboxes reach at 443. */
  readonly internalTlsPort: number | undefined;
  readonly allowedHostPorts: readonly number[];
  readonly allowedRanges: readonly Ipv4Range[];
  readonly egress: boolean;
  /** Port 53 of these is open, whatever range they are in. */
  readonly nameservers: readonly string[];
}

/** Never opened by a wider range: who means these has to name them. */
const guarded = ranges('127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4');
const closed = ranges(
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '240.0.0.0/4',
);
/** So that one sandbox cannot fill the host's connection table. */
const connectionsPerSandbox = 4_096;
/** To the host itself: one process serves the internal listener for all sandboxes. */
const hostConnectionsPerSandbox = 256;

/**
 * The whole rule set as one nft transaction, replacing what was there. The chains come before those of Docker, firewalld
 * and iptables (priority 0): a refusal here is final, an acceptance still has to pass theirs (host-firewall.ts).
 */
export function firewallRules(settings: FirewallSettings): string {
  const { names, internalPort, internalTlsPort, allowedHostPorts } = settings;
  const hostPorts = [internalPort, internalTlsPort, ...allowedHostPorts].filter((port) => port !== undefined);
  return `${removeTables(names.table)}
table inet ${names.table} {
  chain input {
    type filter hook input priority filter - 10; policy accept;
    iifname != { "${names.bridge}", "lo" } ip daddr ${names.gateway} drop
    iifname != "${names.bridge}" accept
    ct state established,related accept
    ct state new add @host_connections { ip saddr ct count over ${hostConnectionsPerSandbox} } goto refuse
    ip daddr ${names.gateway} tcp dport ${set(hostPorts)} accept
${resolverRule(settings.nameservers)}    goto refuse
  }
  chain forward {
    type filter hook forward priority filter - 10; policy accept;
    iifname != "${names.bridge}" oifname != "${names.bridge}" accept
    ct state established,related accept
    oifname "${names.bridge}" drop
    goto egress
  }
  chain egress {
    meta nfproto != ipv4 goto refuse
    ct state invalid drop
    ct state new add @connections { ip saddr ct count over ${connectionsPerSandbox} } goto refuse
${egressRules(settings)}  }
  chain refuse {
    meta l4proto tcp reject with tcp reset
    reject with icmpx admin-prohibited
  }
${tlsRedirect(settings)}  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${formatRange(names.subnet)} oifname != "${names.bridge}" masquerade
  }
  set connections {
    type ipv4_addr
    size 65535
    flags dynamic
  }
  set host_connections {
    type ipv4_addr
    size 65535
    flags dynamic
  }
}
${sourceCheck(names)}`;
}

/** Leaves nothing of the rules behind; naming a table first makes deleting it succeed when it is not there. */
export function removeTables(table: string): string {
  return ['inet', 'bridge']
    .map((family) => `table ${family} ${table}\ndelete table ${family} ${table}\n`)
    .join('');
}

function tlsRedirect({ names, internalTlsPort }: FirewallSettings): string {
  if (internalTlsPort === undefined) return '';
  return `  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "${names.bridge}" ip daddr ${names.gateway} tcp dport 443 redirect to :${internalTlsPort}
  }
`;
}

function egressRules({ allowedRanges, nameservers, egress }: FirewallSettings): string {
  const named = allowedRanges.filter((range) => guarded.some((guard) => contains(guard, range)));
  const wide = allowedRanges.filter((range) => !named.includes(range));
  return [
    resolverRule(nameservers),
    acceptRule(named),
    `    ip daddr ${set(guarded.map(formatRange))} goto refuse\n`,
    acceptRule(wide),
    // A published port of the host (Docker's, a cluster's) has been turned into an inside address by now.
    '    ct status dnat goto refuse\n',
    `    ip daddr ${set(closed.map(formatRange))} goto refuse\n`,
    egress ? '    accept\n' : '    goto refuse\n',
  ].join('');
}

function resolverRule(nameservers: readonly string[]): string {
  if (nameservers.length === 0) return '';
  return `    ip daddr ${set(nameservers)} meta l4proto { tcp, udp } th dport 53 accept\n`;
}

function acceptRule(allowed: readonly Ipv4Range[]): string {
  // Overlapping ranges are refused in one set, so each has a rule of its own.
  return allowed.map((range) => `    ip daddr ${formatRange(range)} accept\n`).join('');
}

/** Each port may speak only with its own MAC and IPv4 address; anything else (IPv6, VLAN) is dropped. */
function sourceCheck(names: FirewallSettings['names']): string {
  const ip: string[] = [];
  for (let index = 2; index <= names.lastIndex; index++) {
    const address = names.addressAt(index);
    ip.push(`"${names.linkName(index)}" . ${macOf(address)} . ${address}`);
  }
  const elements = `{ ${ip.join(', ')} }`;
  return `table bridge ${names.table} {
  set sources {
    type ifname . ether_addr . ipv4_addr
    elements = ${elements}
  }
  chain prerouting {
    type filter hook prerouting priority -300; policy accept;
    iifname != "${names.linkName(0).slice(0, -1)}*" accept
    ether type ip iifname . ether saddr . ip saddr @sources accept
    ether type arp iifname . ether saddr . arp saddr ip @sources iifname . arp saddr ether . arp saddr ip @sources accept
    drop
  }
}
`;
}

function ranges(...texts: string[]): readonly Ipv4Range[] {
  return texts.map((text) => parseRange(text)).filter((range) => range !== undefined);
}

function set(elements: readonly (number | string)[]): string {
  return `{ ${[...new Set(elements)].join(', ')} }`;
}
