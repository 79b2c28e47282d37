import { createHash } from 'node:crypto';

import type { EgressPolicy, NetworkRule } from '../../egress-policy.ts';
import type { AllowedRange } from '../../../shared/allowed-destination.ts';
import { formatRange, requireRange } from './ipv4.ts';

/** Where the packets of a sandbox with this policy go: a chain that every table has, or one that is made for the policy. */
export interface EgressChain {
  readonly name: string;
  /** Rules of a chain that is not always there, one a line. */
  readonly rules: readonly string[] | undefined;
  /** Names resolve through Berth's name server. */
  readonly resolves: boolean;
}

/** Name by which an allow-list opens ports of the host that the operator opened. */
export const hostName = 'host.berth.internal';

/** Undefined for the server's default, which needs no entry. Policies that say the same share a chain. */
export function egressChain(
  policy: EgressPolicy,
  host: { readonly gateway: string; readonly allowedHostPorts: readonly number[] },
): EgressChain | undefined {
  switch (policy.kind) {
    case 'default':
      return undefined;
    case 'on':
      return { name: 'open', rules: undefined, resolves: false };
    case 'off':
      return { name: 'refuse', rules: undefined, resolves: false };
    case 'network':
      return ownChain(networkRules(policy, host), false);
    case 'allow-list':
      return ownChain(
        listRules(policy, host),
        policy.destinations.some(({ kind }) => kind === 'name'),
      );
  }
}

function ownChain(rules: readonly string[], resolves: boolean): EgressChain {
  const digest = createHash('sha256')
    .update(rules.join('\n') + String(resolves))
    .digest('hex');
  return { name: `policy_${digest.slice(0, 16)}`, rules, resolves };
}

/** First what names its port; then no other resolver (port 53, and 853 for TLS), whatever else is open; then the rest. */
function listRules(
  { destinations }: Extract<EgressPolicy, { kind: 'allow-list' }>,
  { gateway, allowedHostPorts }: { readonly gateway: string; readonly allowedHostPorts: readonly number[] },
): readonly string[] {
  const ranges = destinations.filter((destination) => destination.kind === 'range');
  const hosts = destinations.filter(
    (destination) => destination.kind === 'name' && !destination.isWildcard && destination.name === hostName,
  );
  const hostPorts = allowedHostPorts.filter((port) =>
    hosts.some((host) => host.port === undefined || host.port === port),
  );
  return [
    ...hostPorts.map((port) => `ip daddr ${gateway} tcp dport ${port} accept`),
    'jump guard',
    ...ranges.filter(({ port }) => port !== undefined).map(rangeRule),
    'jump named_ports',
    `${anyTransport} th dport { 53, 853 } goto refuse`,
    ...ranges.filter(({ port }) => port === undefined).map(rangeRule),
    'goto named',
  ];
}

function rangeRule({ range, port }: AllowedRange): string {
  const place = `ip daddr ${formatRange(requireRange('berth:allow', range))}`;
  return port === undefined ? `${place} accept` : `${place} ${anyTransport} th dport ${port} accept`;
}

function networkRules(
  { rules, nameservers }: Extract<EgressPolicy, { kind: 'network' }>,
  { gateway }: { readonly gateway: string },
): readonly string[] {
  return [
    `ip daddr ${gateway} goto refuse`,
    'ct status dnat goto refuse',
    'ip daddr @guarded goto refuse',
    ...nameservers.map(
      (server) =>
        `ip daddr ${formatRange(requireRange('nameservers', server))} ${anyTransport} th dport 53 accept`,
    ),
    ...rules.map(networkRule),
    'goto refuse',
  ];
}

function networkRule({ range, protocol, ports }: NetworkRule): string {
  const place = `ip daddr ${formatRange(requireRange('BERTH_NETWORKS', range))}`;
  if (ports === undefined) return `${place}${protocol === 'any' ? '' : ` meta l4proto ${protocol}`} accept`;
  const transport = protocol === 'any' ? anyTransport : `meta l4proto ${protocol}`;
  return `${place} ${transport} th dport ${ports[0]}-${ports[1]} accept`;
}

const anyTransport = 'meta l4proto { tcp, udp }';
