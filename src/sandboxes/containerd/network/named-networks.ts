import { BerthError } from '../../../shared/errors.ts';
import type { EgressPolicy, NetworkRule } from '../../egress-policy.ts';
import { contains, formatRange, type Ipv4Range, requireRange } from './ipv4.ts';

/** Networks that the server's operator named, for the network mode VPC (docs/network.md). */
export interface NamedNetworks {
  /** What lies behind a subnet, and who resolves names there. */
  readonly subnets: Readonly<
    Record<string, { readonly ranges: readonly string[]; readonly nameservers: readonly string[] }>
  >;
  /** What a security group lets out. */
  readonly securityGroups: Readonly<Record<string, { readonly egress: readonly NetworkRule[] }>>;
}

interface NetworkIds {
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
}

/** Why there is no such network, or undefined. */
export function namedNetworkProblem(named: NamedNetworks, ids: NetworkIds): string | undefined {
  const kinds = [
    ['subnet', ids.subnets, named.subnets],
    ['security group', ids.securityGroups, named.securityGroups],
  ] as const;
  for (const [kind, wanted, known] of kinds) {
    const unknown = wanted.find((id) => !Object.hasOwn(known, id));
    if (unknown === undefined) continue;
    const names = Object.keys(known);
    return `This server has no ${kind} '${unknown}'. ${names.length === 0 ? 'It has none' : `It has: ${names.join(', ')}`}; the file of BERTH_NETWORKS names them.`;
  }
  return undefined;
}

/**
 * What a version in these subnets with these groups may reach: what lies behind one of the subnets and is let out by one of the
 * groups. Throws `validation` for an id that is unknown.
 */
export function namedNetworkPolicy(named: NamedNetworks, ids: NetworkIds): EgressPolicy {
  const problem = namedNetworkProblem(named, ids);
  if (problem !== undefined) throw new BerthError('validation', problem);
  const subnets = ids.subnets.flatMap((id) => named.subnets[id] ?? []);
  const rules = ids.securityGroups.flatMap((id) => named.securityGroups[id]?.egress ?? []);
  const behind = subnets.flatMap(({ ranges }) =>
    ranges.map((range) => requireRange('BERTH_NETWORKS', range)),
  );
  return {
    kind: 'network',
    rules: rules.flatMap((rule) => {
      const range = requireRange('BERTH_NETWORKS', rule.range);
      return behind.flatMap((reachable) => {
        const common = intersection(range, reachable);
        return common === undefined ? [] : [{ ...rule, range: formatRange(common) }];
      });
    }),
    nameservers: [...new Set(subnets.flatMap(({ nameservers }) => nameservers))],
  };
}

/** Of two ranges one contains the other, or they have nothing in common. */
function intersection(a: Ipv4Range, b: Ipv4Range): Ipv4Range | undefined {
  if (contains(a, b)) return b;
  return contains(b, a) ? a : undefined;
}
