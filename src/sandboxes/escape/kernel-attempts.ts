/** An attempt of root inside on the kernel, by a system call of attempts.c. */
export interface KernelAttempt {
  readonly name: string;
  readonly args?: readonly string[];
  /** What root on the host is told, without the wall; `nothing to compare` where the machine or the danger forbids it. */
  readonly outside: readonly string[] | 'nothing to compare';
  /** A kernel of the sandbox's own may allow it: nobody else is in it. */
  readonly mayTouchOwnKernel?: true;
}

const done = ['done'];

export const kernelAttempts: readonly KernelAttempt[] = [
  // ENOEXEC where the kernel has modules, ENOSYS where it has none.
  { name: 'load_module', outside: ['ENOEXEC', 'ENOSYS'] },
  { name: 'load_kernel', outside: 'nothing to compare' },
  { name: 'mount_proc', args: ['/tmp'], outside: done },
  { name: 'mount_cgroup', args: ['/tmp'], outside: 'nothing to compare' },
  { name: 'remount', args: ['/proc/sys'], outside: 'nothing to compare' },
  { name: 'unmount', args: ['/etc/hosts'], outside: 'nothing to compare' },
  { name: 'make_device', args: ['/tmp/mem', '1', '1'], outside: done },
  { name: 'make_device', args: ['/tmp/kmsg', '1', '11'], outside: done },
  { name: 'change_root', args: ['/tmp'], outside: done },
  { name: 'new_user_namespace', outside: done, mayTouchOwnKernel: true },
  { name: 'new_mount_namespace', outside: done },
  { name: 'new_network_namespace', outside: done },
  { name: 'join_namespace', outside: 'nothing to compare' },
  { name: 'raw_socket', outside: done },
  { name: 'packet_socket', outside: done },
  { name: 'vsock', outside: 'nothing to compare' },
  { name: 'read_kernel_log', outside: done, mayTouchOwnKernel: true },
  // Of impossible values, which only those are told of who may set it.
  { name: 'set_clock', outside: ['EINVAL'] },
  { name: 'set_host_name', outside: done },
  { name: 'reboot_machine', outside: ['EINVAL'] },
  { name: 'swap_on', outside: ['ENOENT', 'ENOSYS'] },
  { name: 'account', outside: ['ENOENT', 'ENOSYS'] },
  { name: 'add_key', outside: done, mayTouchOwnKernel: true },
  { name: 'session_keys', outside: done, mayTouchOwnKernel: true },
  { name: 'ring', outside: ['done', 'EPERM', 'ENOSYS'], mayTouchOwnKernel: true },
  { name: 'fault_handler', outside: ['done', 'ENOSYS'], mayTouchOwnKernel: true },
  { name: 'open_handle', outside: ['done', 'ESTALE'] },
  { name: 'bpf_map', outside: ['done', 'ENOSYS'] },
  { name: 'count_events', outside: ['done', 'ENOENT', 'ENOSYS'] },
  { name: 'raise_priority', outside: ['done'], mayTouchOwnKernel: true },
  { name: 'io_ports', outside: 'nothing to compare' },
  { name: 'take_address', args: ['lo', '127.0.0.9'], outside: done },
  { name: 'take_mac', args: ['eth0'], outside: 'nothing to compare' },
];

/** How a kernel says no. */
export const refusals: readonly string[] = [
  'EPERM',
  'EACCES',
  'ENOSYS',
  'EROFS',
  'EAFNOSUPPORT',
  'ENODEV',
  'EOPNOTSUPP',
  'ESOCKTNOSUPPORT',
  'ENOTTY',
];

/** Files by which root on a host changes or reads it, and what is written. None may be opened for that inside. */
export const hostSwitches: readonly string[] = [
  '/proc/sysrq-trigger',
  '/proc/sys/kernel/core_pattern',
  '/proc/sys/kernel/modprobe',
  '/proc/sys/kernel/hostname',
  '/proc/sys/kernel/panic',
  '/proc/sys/vm/overcommit_memory',
  '/proc/sys/vm/drop_caches',
  '/proc/sys/net/ipv4/ip_forward',
  '/proc/sys/fs/binfmt_misc/register',
  '/proc/irq/default_smp_affinity',
  '/proc/bus/pci/devices',
  '/proc/kcore',
  '/proc/kmsg',
  '/sys/kernel/uevent_helper',
  '/sys/kernel/mm/transparent_hugepage/enabled',
  '/sys/power/state',
  '/sys/fs/cgroup/release_agent',
  '/sys/fs/cgroup/memory/release_agent',
  '/sys/fs/cgroup/memory/memory.limit_in_bytes',
  '/sys/fs/cgroup/pids/pids.max',
  '/sys/fs/cgroup/pids.max',
  '/sys/fs/cgroup/cgroup.procs',
  '/dev/mem',
  '/dev/kmem',
  '/dev/kmsg',
  '/dev/kvm',
  '/dev/fuse',
  '/dev/loop-control',
  '/dev/loop0',
  '/dev/vda',
  '/dev/sda',
  '/dev/net/tun',
];

/** Those of them that a kernel of the sandbox's own has for itself; the host's are not touched by it. */
export const ownKernelSwitches: readonly string[] = [
  '/proc/sys/net/ipv4/ip_forward',
  '/sys/fs/cgroup/memory/memory.limit_in_bytes',
  '/sys/fs/cgroup/pids/pids.max',
];
