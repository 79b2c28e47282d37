import { containerCredentialsHost, instanceMetadataHost } from '../../../shared/metadata-addresses.ts';
import type { Ipv4Range } from './ipv4.ts';
import { formatRange, macOf } from './ipv4.ts';
import type { NetworkNames } from './network-names.ts';
import { closedRanges, guardedRanges, isGuarded } from './closed-ranges.ts';
import { forwardMark } from './forward-guard.ts';

export interface FirewallSettings {
  readonly names: Pick<
    NetworkNames,
    'addressAt' | 'bridges' | 'gateway' | 'linkName' | 'slotsOf' | 'subnet' | 'table'
  >;
  /** TCP port of Berth's internal listener on the gateway's address. */
  readonly internalPort: number;
  /** The same with TLS, which sandboxes reach at 443. */
  readonly internalTlsPort: number | undefined;
  /** UDP and TCP port of Berth's name server on the gateway's address, which sandboxes reach at 53. */
  readonly dnsPort: number;
  readonly allowedHostPorts: readonly number[];
  readonly allowedRanges: readonly Ipv4Range[];
  /** Of sandboxes without a policy of their own. */
  readonly egress: boolean;
  /** Port 53 of these is open to sandboxes with open egress, whatever range they are in. */
  readonly nameservers: readonly string[];
  /** The same for those without: the ones in allowed ranges. */
  readonly insideNameservers: readonly string[];
}

/** So that one sandbox cannot fill the host's connection table. */
const connectionsPerSandbox = 4_096;
/** To the host itself: one process serves the internal listener for all sandboxes. */
const hostConnectionsPerSandbox = 256;
/** Connections that may outlive the time of their address: more of one sandbox end with that time, and take no room of others. */
const rememberedAtOnce = 512;
const rememberedPerMinute = 4;
/** Each name look-up counts for some 30 s. */
const lookupsPerSandbox = 1_024;

/**
 * The whole rule set as one nft transaction, replacing what was there; policies of single sandboxes are put in by
 * `firewall.ts`. The chains come before those of Docker, firewalld and iptables (priority 0): a refusal here is final, an
 * acceptance still has to pass theirs (host-firewall.ts).
 *
 * Packets of sandboxes are judged one by one, not by connection: an address that has a new sandbox must not inherit what
 * the one before had open.
 */
export function firewallRules(settings: FirewallSettings): string {
  const { names, internalPort, internalTlsPort, dnsPort } = settings;
  const listeners = set([internalPort, internalTlsPort].filter((port) => port !== undefined));
  const mark = `0x${forwardMark.toString(16)}`;
  return `${removeTables(names.table)}
table inet ${names.table} {
  set bridges {
    type ifname
    elements = ${set(names.bridges.map((bridge) => `"${bridge}"`))}
  }
  set guarded {
    type ipv4_addr
    flags interval
    elements = ${set(guardedRanges.map(formatRange))}
  }
  map policies {
    type ipv4_addr : verdict
  }
  set resolving {
    type ipv4_addr
  }
  set resolved {
    type ipv4_addr . ipv4_addr
    flags timeout
  }
  set resolved_ports {
    type ipv4_addr . ipv4_addr . inet_service
    flags timeout
  }
  set flows {
    type ipv4_addr . ipv4_addr . inet_service
    size 262144
    flags dynamic,timeout
    timeout 1h
  }
  set remembering {
    type ipv4_addr
    size 65535
    flags dynamic,timeout
    timeout 1h
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
  set lookups {
    type ipv4_addr
    size 65535
    flags dynamic
  }
  chain seen {
    type filter hook prerouting priority mangle; policy accept;
    iifname @bridges meta mark set meta mark or ${mark}
  }
  chain input {
    type filter hook input priority filter - 10; policy accept;
    iifname != @bridges iifname != "lo" ip daddr ${names.gateway} drop
    iifname != @bridges accept
    meta mark set meta mark and ${mask(forwardMark)}
    ct direction reply ct state established,related accept
    ip saddr @resolving ip daddr ${names.gateway} meta l4proto { tcp, udp } th dport ${dnsPort} goto lookups
    ct state new add @host_connections { ip saddr ct count over ${hostConnectionsPerSandbox} } goto refuse
    ip daddr ${names.gateway} tcp dport ${listeners} accept
${hostPortRule(settings)}${resolverRules(settings)}    goto refuse
  }
  chain lookups {
    ct state new add @lookups { ip saddr ct count over ${lookupsPerSandbox} } goto refuse
    accept
  }
  chain forward {
    type filter hook forward priority filter - 10; policy accept;
    iifname != @bridges oifname != @bridges accept
    meta mark set meta mark and ${mask(forwardMark)}
    oifname @bridges iifname != @bridges ct state established,related accept
    oifname @bridges drop
    goto egress
  }
  chain egress {
    meta nfproto != ipv4 goto refuse
    ct state invalid drop
    ct state new add @connections { ip saddr ct count over ${connectionsPerSandbox} } goto refuse
    goto by_source
  }
  chain by_source {
    ip saddr vmap @policies
    goto ${settings.egress ? 'open' : 'inside'}
  }
  chain open {
${hostAccept(settings)}${acceptResolvers(settings.nameservers)}    jump guard
    accept
  }
  chain inside {
${hostAccept(settings)}${acceptResolvers(settings.insideNameservers)}${settings.allowedRanges
    .filter(isGuarded)
    .map(acceptRange)
    .join('')}    ip daddr @guarded goto refuse
${settings.allowedRanges
  .filter((range) => !isGuarded(range))
  .map(acceptRange)
  .join('')}    goto refuse
  }
  chain guard {
${guardRules(settings.allowedRanges)}  }
  chain named_ports {
    meta l4proto != { tcp, udp } return
    ip saddr . ip daddr . th dport @resolved_ports goto remember
  }
  chain named {
    ip saddr . ip daddr @resolved meta l4proto { tcp, udp } goto remember
    ip saddr . ip daddr @resolved accept
    meta l4proto { tcp, udp } ct state established ip saddr . ip daddr . th dport @flows update @flows { ip saddr . ip daddr . th dport } accept
    goto refuse
  }
  chain remember {
    ip saddr . ip daddr . th dport @flows update @flows { ip saddr . ip daddr . th dport } accept
    add @remembering { ip saddr limit rate over ${rememberedPerMinute}/minute burst ${rememberedAtOnce} packets } accept
    update @flows { ip saddr . ip daddr . th dport } accept
    accept
  }
  chain refuse {
    meta l4proto tcp reject with tcp reset
    reject with icmpx admin-prohibited
  }
  chain prerouting {
    type nat hook prerouting priority dstnat - 10; policy accept;
    iifname @bridges ip daddr ${set([containerCredentialsHost, instanceMetadataHost])} tcp dport 80 redirect to :${internalPort}
    iifname @bridges ip daddr ${names.gateway} meta l4proto { tcp, udp } th dport 53 redirect to :${dnsPort}
${tlsRedirect(settings)}  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${formatRange(names.subnet)} oifname != @bridges masquerade
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

/** Each port of a bridge may speak only with its own MAC and IPv4 address: what the source check knows of them. */
export function sourcesOf(names: FirewallSettings['names'], bridge: number): string {
  const [first, last] = names.slotsOf(bridge);
  const elements: string[] = [];
  for (let index = first; index <= last; index++) {
    const address = names.addressAt(index);
    elements.push(`"${names.linkName(index)}" . ${macOf(address)} . ${address}`);
  }
  return `add element bridge ${names.table} sources { ${elements.join(', ')} }\n`;
}

function tlsRedirect({ names, internalTlsPort }: FirewallSettings): string {
  if (internalTlsPort === undefined) return '';
  return `    iifname @bridges ip daddr ${names.gateway} tcp dport 443 redirect to :${internalTlsPort}\n`;
}

/** What the operator opened of the host is open to whom the policy says: those chains are asked for it, too. */
function hostPortRule({ names, allowedHostPorts }: FirewallSettings): string {
  if (allowedHostPorts.length === 0) return '';
  return `    ip daddr ${names.gateway} tcp dport ${set(allowedHostPorts)} goto by_source\n`;
}

function hostAccept({ names, allowedHostPorts }: FirewallSettings): string {
  if (allowedHostPorts.length === 0) return '';
  return `    ip daddr ${names.gateway} tcp dport ${set(allowedHostPorts)} accept\n`;
}

function resolverRules({ nameservers }: FirewallSettings): string {
  if (nameservers.length === 0) return '';
  return `    ip daddr ${set(nameservers)} meta l4proto { tcp, udp } th dport 53 goto by_source\n`;
}

function acceptResolvers(nameservers: readonly string[]): string {
  if (nameservers.length === 0) return '';
  return `    ip daddr ${set(nameservers)} meta l4proto { tcp, udp } th dport 53 accept\n`;
}

function guardRules(allowed: readonly Ipv4Range[]): string {
  const returning = (ranges: readonly Ipv4Range[]) =>
    ranges.map((range) => `    ip daddr ${formatRange(range)} return\n`).join('');
  return [
    returning(allowed.filter(isGuarded)),
    '    ip daddr @guarded goto refuse\n',
    returning(allowed.filter((range) => !isGuarded(range))),
    // A published port of the host (Docker's, a cluster's) has been turned into an inside address by now.
    '    ct status dnat goto refuse\n',
    `    ip daddr ${set(closedRanges.map(formatRange))} goto refuse\n`,
  ].join('');
}

function acceptRange(range: Ipv4Range): string {
  // Overlapping ranges are refused in one set, so each has a rule of its own.
  return `    ip daddr ${formatRange(range)} accept\n`;
}

/** Each port may speak only with its own MAC and IPv4 address; anything else (IPv6, VLAN) is dropped. */
function sourceCheck(names: FirewallSettings['names']): string {
  return `table bridge ${names.table} {
  set sources {
    type ifname . ether_addr . ipv4_addr
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

/** All bits but this one. */
function mask(bit: number): string {
  return `0x${(~bit >>> 0).toString(16)}`;
}

function set(elements: readonly (number | string)[]): string {
  return `{ ${[...new Set(elements)].join(', ')} }`;
}
