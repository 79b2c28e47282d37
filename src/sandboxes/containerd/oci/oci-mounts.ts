import { insideCaBundle } from '../../inside-ca-bundle.ts';
import { idMappings, type UserRange } from './user-range.ts';

/** A mount in an OCI runtime spec. */
export interface OciMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
  /** Of a bind mount: whose files these are inside. */
  readonly uidMappings?: readonly object[];
  readonly gidMappings?: readonly object[];
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

/** A folder of the host that the sandbox may write to. */
export interface BoundFolder {
  readonly source: string;
  readonly destination: string;
}

/** A sandbox's own user namespace. */
export interface OwnUsers {
  readonly range: UserRange;
  /**
   * A sysfs of a network namespace without interfaces. The kernel refuses the sandbox one of its own, because the network namespace
   * is the host's users'.
   */
  readonly sysfs: string;
}

/** For the kernel to show the files of the host's user 0 as those of the sandbox's, and so on; what is on disk does not change. */
function ownedBy(range: UserRange) {
  return { uidMappings: idMappings(range), gidMappings: idMappings(range) };
}

export function ociMounts(
  { init, hosts, hostname, resolvConf, caBundle }: BoundFiles,
  storage: BoundFolder | undefined,
  users: OwnUsers | undefined,
): readonly OciMount[] {
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
    users === undefined
      ? mount('/sys', 'sysfs', 'sysfs', ['nosuid', 'noexec', 'nodev', 'ro'])
      : mount('/sys', 'bind', users.sysfs, ['bind', 'nosuid', 'noexec', 'nodev', 'ro']),
    mount('/sys/fs/cgroup', 'cgroup', 'cgroup', ['nosuid', 'noexec', 'nodev', 'relatime', 'ro']),
    mount(initPath, 'bind', init, ['bind', 'ro', 'nosuid', 'nodev']),
    mount('/etc/hosts', 'bind', hosts, readOnlyFile),
    mount('/etc/hostname', 'bind', hostname, readOnlyFile),
    mount('/etc/resolv.conf', 'bind', resolvConf, readOnlyFile),
    ...(storage === undefined
      ? []
      : [
          {
            ...mount(storage.destination, 'bind', storage.source, ['bind', 'rw', 'nosuid', 'nodev']),
            ...(users !== undefined && ownedBy(users.range)),
          },
        ]),
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
