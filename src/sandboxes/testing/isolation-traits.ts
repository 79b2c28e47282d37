/** What tests may expect of an isolation, where isolations differ by their nature: the whole list. */
export interface IsolationTraits {
  /** Whether the agent's kernel is the host's. */
  readonly sharesKernel: boolean;
  /** `Seccomp:` in /proc/self/status: 2 where a profile guards the host's kernel, 0 where calls do not come to it. */
  readonly seccomp: 0 | 2;
  /** What reading /proc/keys gives: nothing from a masked file, ENOENT from a kernel without. */
  readonly procKeys: '0' | 'ENOENT';
  /** What writing to /proc/sys/kernel/hostname gives. */
  readonly procSysWrite: 'EROFS' | 'EIO';
  /** Processes and threads of its own, beyond the sandbox's limit. */
  readonly ownTasks: 0 | 48;
}

export function traitsOf(isolation: string): IsolationTraits {
  const sharesKernel = isolation !== 'gvisor';
  return {
    sharesKernel,
    seccomp: sharesKernel ? 2 : 0,
    procKeys: sharesKernel ? '0' : 'ENOENT',
    procSysWrite: sharesKernel ? 'EROFS' : 'EIO',
    ownTasks: sharesKernel ? 0 : 48,
  };
}
