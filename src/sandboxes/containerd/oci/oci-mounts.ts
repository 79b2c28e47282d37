import { insideCaBundle } from '../../inside-ca-bundle.ts';

/** A mount in an OCI runtime spec. */
export interface OciMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

/** Files of the host that are shown to the sandbox, read-only. */
export interface BoundFiles {
  readonly init: string;
  readonly hosts: string;
  readonly hostname: string;
  readonly resolvConf: string;
  /** Roots that the sandbox's programs may trust; undefined when its image's own do. */
  readonly caBundle: string | undefined;
}

/** Where the init program is seen inside. */
export const initPath = '/.berth/init';

export function ociMounts({ init, hosts, hostname, resolvConf, caBundle }: BoundFiles): readonly OciMount[] {
  return [
    mount('/proc', 'proc', 'proc', ['nosuid', 'noexec', 'nodev']),
    mount('/dev', 'tmpfs', 'tmpfs', ['nosuid', 'strictatime', 'mode=755', 'size=64k']),
    mount('/dev/pts', 'devpts', 'devpts', [
      'nosuid',
      'noexec',
      'newinstance',
      'ptmxmode=0666',
      'mode=0620',
      'gid=5',
    ]),
    mount('/dev/shm', 'tmpfs', 'shm', ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=64m']),
    mount('/dev/mqueue', 'mqueue', 'mqueue', ['nosuid', 'noexec', 'nodev']),
    mount('/sys', 'sysfs', 'sysfs', ['nosuid', 'noexec', 'nodev', 'ro']),
    mount('/sys/fs/cgroup', 'cgroup', 'cgroup', ['nosuid', 'noexec', 'nodev', 'relatime', 'ro']),
    mount(initPath, 'bind', init, ['bind', 'ro', 'nosuid', 'nodev']),
    mount('/etc/hosts', 'bind', hosts, readOnlyFile),
    mount('/etc/hostname', 'bind', hostname, readOnlyFile),
    mount('/etc/resolv.conf', 'bind', resolvConf, readOnlyFile),
    ...(caBundle === undefined ? [] : [mount(insideCaBundle, 'bind', caBundle, readOnlyFile)]),
  ];
}

/** Of the kernel's files, what would tell of the host. */
export const maskedPaths = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
] as const;

/** And what would change it. */
export const readonlyPaths = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
  // With control groups of version 1 this is a tmpfs that old runcs leave writable.
  '/sys/fs/cgroup',
] as const;

const readOnlyFile = ['bind', 'ro', 'nosuid', 'nodev', 'noexec'];

function mount(destination: string, type: string, source: string, options: readonly string[]): OciMount {
  return { destination, type, source, options };
}
