import { join } from 'node:path';
import { describePlatform } from '../../images/platform.ts';
import { runnablePlatforms } from '../../images/emulation.ts';
import { inspectCgroups } from '../../sandboxes/containerd/cgroups.ts';
import { firewallRules } from '../../sandboxes/containerd/network/firewall-rules.ts';
import { requireRange } from '../../sandboxes/containerd/network/ipv4.ts';
import { createNetworkNames } from '../../sandboxes/containerd/network/network-names.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Finding } from '../../shared/finding.ts';
import { dnsPort, internalPort } from '../internal-listeners.ts';
import { type ExaminedHost, exists, problemOf, readText } from './examined-host.ts';

const area = 'Kernel';

/** What Berth needs of the kernel, tried where that leaves nothing behind: in namespaces that end with the try. */
export async function examineKernel(host: ExaminedHost, clock: Clock): Promise<readonly Finding[]> {
  return [
    await kernelVersion(host),
    ...(await controlGroups(host, clock)),
    ...(await Promise.all(trials.map((trial) => tryOut(host, trial)))),
    await emulation(host),
  ];
}

async function kernelVersion(host: ExaminedHost): Promise<Finding> {
  const release = (await readText(host, '/proc/sys/kernel/osrelease'))?.trim();
  const detail = `Linux ${release ?? 'of an unknown version'} on ${process.arch}`;
  return { area, subject: 'version', state: 'ok', detail };
}

async function controlGroups(host: ExaminedHost, clock: Clock): Promise<readonly Finding[]> {
  const subject = 'control groups';
  const mountPoint = join(host.root, '/sys/fs/cgroup');
  const { version, hasSwapLimit } = await inspectCgroups(clock, mountPoint);
  const needed = version === 2 ? ['cpu', 'memory', 'pids'] : ['cpu', 'memory', 'pids', 'devices', 'freezer'];
  const offered = (await readText(host, '/sys/fs/cgroup/cgroup.controllers'))?.trim().split(' ');
  const isThere = await Promise.all(
    needed.map(async (name) => offered?.includes(name) ?? (await exists(join(mountPoint, name)))),
  );
  const missing = needed.filter((_, at) => isThere[at] !== true);
  if (missing.length > 0) {
    return [
      {
        area,
        subject,
        state: 'fail',
        detail: `version ${version}, without ${missing.join(', ')}: sandboxes cannot be limited`,
        advice: `Mount the control groups, and switch the missing controllers on: in the kernel's command line (cgroup_enable=${missing.join(',')}), or, in a container, by giving it the host's.`,
      },
    ];
  }
  const swap = (await readText(host, '/proc/swaps'))?.trim().split('\n').slice(1) ?? [];
  const found: Finding = { area, subject, state: 'ok', detail: `version ${version}: ${needed.join(', ')}` };
  if (hasSwapLimit || swap.length === 0) return [found];
  return [
    found,
    {
      area,
      subject: 'swap',
      state: 'warn',
      detail: 'swap is on, and the kernel cannot limit it: a sandbox at its memory limit goes on in swap',
      advice: 'Add swapaccount=1 to the kernel command line, or switch swap off.',
    },
  ];
}

interface Trial {
  readonly subject: string;
  readonly works: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly otherwise: 'fail' | 'off';
  readonly advice: string;
}

const inOwnMounts = (script: string) => ['--mount', 'sh', '-c', script];

const trials: readonly Trial[] = [
  {
    subject: 'namespaces',
    works: 'mount, network, processes, IPC, names, control groups',
    command: 'unshare',
    args: ['--mount', '--net', '--pid', '--fork', '--ipc', '--uts', '--cgroup', 'true'],
    otherwise: 'fail',
    advice: 'In a container, Berth needs one that is privileged; else a kernel with these namespaces.',
  },
  {
    subject: 'overlay',
    works: 'images are mounted in layers',
    command: 'unshare',
    args: inOwnMounts(
      'mount -t tmpfs t /tmp && mkdir /tmp/l /tmp/u /tmp/w /tmp/m && mount -t overlay -o lowerdir=/tmp/l,upperdir=/tmp/u,workdir=/tmp/w o /tmp/m',
    ),
    otherwise: 'fail',
    advice: 'Load the module: modprobe overlay.',
  },
  {
    subject: 'bridges',
    works: 'bridge and veth interfaces',
    command: 'unshare',
    args: [
      '--net',
      'sh',
      '-c',
      'ip link add b0 type bridge && ip link add v0 type veth peer name v1 && ip link set v0 master b0',
    ],
    otherwise: 'fail',
    advice: 'Load the modules: modprobe bridge veth.',
  },
  {
    subject: 'nftables',
    works: "the kernel takes the firewall's rules",
    command: 'nft',
    args: ['--check', '-f', '-'],
    stdin: sampleRules(),
    otherwise: 'fail',
    advice:
      'Load the modules: modprobe nf_tables nft_ct nft_chain_nat nft_masq nf_tables_bridge; or install nftables 1.0 or newer.',
  },
  {
    subject: 'user namespaces',
    works: 'root inside may be nobody outside',
    command: 'unshare',
    args: ['--user', '--map-root-user', 'true'],
    otherwise: 'off',
    advice: 'Set the sysctl user.max_user_namespaces, or boot a kernel with CONFIG_USER_NS.',
  },
  {
    subject: 'memory without swap',
    works: 'tmpfs with noswap',
    command: 'unshare',
    args: inOwnMounts('mount -t tmpfs -o noswap t /tmp'),
    otherwise: 'off',
    advice: 'Linux 6.4 has it. Without, memory of sandboxes on their way to disk may be swapped.',
  },
];

/** Of a server that is not: the kernel judges them, and puts nothing into force. */
function sampleRules(): string {
  return firewallRules({
    names: createNetworkNames('0d0c70', requireRange('network', '10.213.0.0/20')),
    internalPort,
    internalTlsPort: undefined,
    dnsPort,
    allowedHostPorts: [],
    allowedRanges: [],
    egress: true,
    nameservers: ['192.0.2.53'],
    insideNameservers: [],
  });
}

async function tryOut(host: ExaminedHost, trial: Trial): Promise<Finding> {
  const { subject, works, command, args, stdin, otherwise, advice } = trial;
  if (!host.isRoot) return { area, subject, state: 'unknown', detail: 'only root can try it' };
  const problem = await problemOf(host.run(command, args, stdin === undefined ? {} : { stdin }));
  return problem === undefined
    ? { area, subject, state: 'ok', detail: works }
    : { area, subject, state: otherwise, detail: problem, advice };
}

async function emulation(host: ExaminedHost): Promise<Finding> {
  const [own, ...others] = await runnablePlatforms(join(host.root, '/proc/sys/fs/binfmt_misc'));
  const subject = 'images for';
  const self = own === undefined ? '' : describePlatform(own);
  if (others.length === 0) {
    const detail = `${self}; no emulator for others`;
    return { area, subject, state: 'ok', detail };
  }
  return {
    area,
    subject,
    state: 'ok',
    detail: `${self}, emulated ${others.map(describePlatform).join(', ')}`,
  };
}
