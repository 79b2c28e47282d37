import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';

import { runCommand } from '../run-command.ts';
import { formatRange, macOf } from './ipv4.ts';
import type { NetworkNames } from './network-names.ts';

/**
 * Makes one of the server's bridges or brings the present one into shape; sandboxes connected to it are not disturbed. The
 * first one has the whole subnet; the others take their part of it by a narrower route. All have the gateway's address.
 */
export async function ensureBridge(
  names: Pick<NetworkNames, 'bridges' | 'gateway' | 'rangeOf' | 'subnet'>,
  number: number,
  mtu: number,
): Promise<void> {
  const { gateway, subnet } = names;
  const bridge = names.bridges[number];
  if (bridge === undefined) throw new RangeError(`There is no bridge ${number}.`);
  if (!existsSync(`/sys/class/net/${bridge}`))
    await runCommand('ip', ['link', 'add', bridge, 'type', 'bridge']);
  await runCommand('ip', ['-batch', '-'], {
    stdin: [
      `link set dev ${bridge} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
      `link set dev ${bridge} address ${macOf(gateway)} mtu ${mtu} addrgenmode none`,
      `address replace ${gateway}/${number === 0 ? subnet.prefix : 32} dev ${bridge}`,
      '',
    ].join('\n'),
  });
  await setKernel(`ipv6/conf/${bridge}/disable_ipv6`, '1');
  for (const [name, value] of hardening) await setKernel(`ipv4/conf/${bridge}/${name}`, value);
  await runCommand('ip', ['link', 'set', 'dev', bridge, 'up']);
  if (number > 0)
    await runCommand('ip', [
      'route',
      'replace',
      formatRange(names.rangeOf(number)),
      'dev',
      bridge,
      'src',
      gateway,
    ]);
}

/** Lets packets pass between interfaces; says whether that was off. */
export async function ensureForwarding(): Promise<{ wasOff: boolean }> {
  const path = '/proc/sys/net/ipv4/ip_forward';
  if ((await readFile(path, 'utf8')).trim() !== '0') return { wasOff: false };
  await writeFile(path, '1');
  return { wasOff: true };
}

/** What fits through the interface of the default route: a bridge with larger packets loses them without a word. */
export async function pathMtu(): Promise<number> {
  const route = await runCommand('ip', ['-4', '-o', 'route', 'show', 'default']);
  const device = / dev (\S+)/.exec(route)?.[1];
  if (device === undefined) return ethernetMtu;
  const mtu = Number(await readFile(`/sys/class/net/${device}/mtu`, 'utf8'));
  return Math.min(mtu, ethernetMtu);
}

const ethernetMtu = 1_500;

/** Answer only for the gateway's own address, believe no redirects, take no packet with a source from elsewhere. */
const hardening = [
  ['rp_filter', '1'],
  ['arp_ignore', '1'],
  ['accept_redirects', '0'],
  ['send_redirects', '0'],
  ['accept_source_route', '0'],
  ['route_localnet', '0'],
] as const;

async function setKernel(name: string, value: string): Promise<void> {
  const path = `/proc/sys/net/${name}`;
  // A kernel without IPv6 has none of its settings.
  if (existsSync(path)) await writeFile(path, value);
}
