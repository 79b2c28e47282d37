import {
  inspectHostFirewalls,
  type HostFirewalls,
} from '../../sandboxes/containerd/network/host-firewall.ts';
import { requireRange } from '../../sandboxes/containerd/network/ipv4.ts';
import { findNameservers } from '../../sandboxes/containerd/network/nameservers.ts';
import type { NetworkSettings } from '../../sandboxes/containerd/network/network-settings.ts';
import { messageOf } from '../../shared/errors.ts';
import type { Finding } from '../../shared/finding.ts';
import { readNetworks } from '../read-networks.ts';
import { type ExaminedHost, problemOf, readText, tryRun } from './examined-host.ts';

const area = 'Network';

export interface NetworkExamination {
  readonly host: ExaminedHost;
  readonly network: NetworkSettings & { readonly networksFile: string | undefined };
}

/** The programs that a server sets its network up with, and what of the host's own network is in the way. */
export async function examineNetwork({ host, network }: NetworkExamination): Promise<readonly Finding[]> {
  const programs = await Promise.all([
    program(host, 'ip', ['-V'], 'iproute2'),
    program(host, 'nft', ['--version'], 'nftables'),
  ]);
  return [
    ...programs,
    ...(await namedNetworks(network.networksFile)),
    ...(await nameservers(host, network)),
    await forwarding(host, network),
    ...(host.isRoot
      ? judgeFirewalls(await inspectHostFirewalls((command, args) => tryRun(host, command, args)))
      : [{ area, subject: 'firewalls', state: 'unknown' as const, detail: 'only root can look at them' }]),
  ];
}

async function program(
  host: ExaminedHost,
  name: string,
  args: readonly string[],
  source: string,
): Promise<Finding> {
  try {
    return { area, subject: name, state: 'ok', detail: (await host.run(name, args)).trim() };
  } catch (error) {
    return {
      area,
      subject: name,
      state: 'fail',
      detail: messageOf(error),
      advice: `Install the package ${source}, or run scripts/setup.sh.`,
    };
  }
}

async function namedNetworks(file: string | undefined): Promise<readonly Finding[]> {
  if (file === undefined) return [];
  const problem = await problemOf(readNetworks(file));
  const subject = 'networks';
  return problem === undefined
    ? [{ area, subject, state: 'ok', detail: `those of ${file}` }]
    : [{ area, subject, state: 'fail', detail: problem, advice: 'Correct the file; see docs/network.md.' }];
}

async function nameservers(host: ExaminedHost, network: NetworkSettings): Promise<readonly Finding[]> {
  const found = await findNameservers({
    readText: (path) => readText(host, path),
    egress: network.egress,
    allowedRanges: network.allowedCidrs.map((cidr) => requireRange('BERTH_ALLOW_CIDR', cidr)),
  });
  const subject = 'name servers';
  if (found.length > 0) return [{ area, subject, state: 'ok', detail: found.join(', ') }];
  if (!network.egress) return [{ area, subject, state: 'off', detail: 'none that sandboxes may reach' }];
  return [
    {
      area,
      subject,
      state: 'warn',
      detail: 'no IPv4 name server was found in /etc/resolv.conf: names do not resolve inside sandboxes',
      advice: 'Add one that is not on loopback.',
    },
  ];
}

async function forwarding(host: ExaminedHost, { egress }: NetworkSettings): Promise<Finding> {
  const subject = 'forwarding';
  const isOn = (await readText(host, '/proc/sys/net/ipv4/ip_forward'))?.trim() === '1';
  if (isOn) return { area, subject, state: 'ok', detail: 'on' };
  if (!egress) return { area, subject, state: 'off', detail: 'off, and not needed without egress' };
  return {
    area,
    subject,
    state: 'warn',
    detail: 'IPv4 forwarding is off; the server switches it on',
    advice:
      'If this machine has several networks, make sure that its firewall does not forward between them.',
  };
}

/** What firewalls beside Berth's mean for it. */
export function judgeFirewalls({ iptables, hasFirewalld, refusing }: HostFirewalls): readonly Finding[] {
  const subject = 'firewalls';
  const found: Finding[] = [];
  if (iptables.length > 0) {
    found.push({
      area,
      subject,
      state: 'ok',
      detail: `iptables refuses packets in ${iptables.join(', ')} (Docker and ufw do): the server adds rules there that let its own bridges pass, and renews them`,
    });
  }
  if (hasFirewalld) {
    found.push({
      area,
      subject,
      state: 'ok',
      detail:
        "firewalld runs: the server puts its bridges into the zone 'trusted', again after a reload; its own rules still hold",
    });
  }
  for (const chain of refusing) {
    found.push({
      area,
      subject,
      state: 'warn',
      detail: `the nftables chain "${chain}" drops by default: agents may not be reachable`,
      advice: "Add a rule to it that accepts the interfaces of Berth, whose names begin with 'bth-'.",
    });
  }
  if (found.length > 0) return found;
  return [{ area, subject, state: 'ok', detail: 'no other is in the way' }];
}
