import profile from './seccomp-default.json' with { type: 'json' };

/** The `linux.seccomp` part of an OCI runtime spec. */
export interface SeccompSection {
  readonly defaultAction: string;
  readonly defaultErrnoRet: number;
  readonly architectures: readonly string[];
  readonly syscalls: readonly SeccompRule[];
}

export interface SeccompRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly SeccompArgument[];
}

interface SeccompArgument {
  readonly index: number;
  readonly value: number;
  readonly valueTwo?: number;
  readonly op: string;
}

/** The default profile, for one architecture (as `process.arch` names it) and the capabilities of the sandbox. */
export function seccompFor(architecture: string, capabilities: readonly string[]): SeccompSection {
  const machine = machines[architecture];
  if (machine === undefined)
    throw new TypeError(`There is no seccomp profile for the architecture ${architecture}.`);
  const rules: readonly ConditionalRule[] = profile.rules;
  const applies = ({ includes, excludes }: ConditionalRule): boolean =>
    holds(includes, machine.name, capabilities, true) && holds(excludes, machine.name, capabilities, false);
  return {
    defaultAction: profile.defaultAction,
    defaultErrnoRet: profile.defaultErrnoRet,
    architectures: [machine.seccompName],
    syscalls: rules.filter(applies).map(({ includes: _includes, excludes: _excludes, ...rule }) => rule),
  };
}

interface Condition {
  readonly arches?: readonly string[];
  readonly caps?: readonly string[];
  /** Ignored: every kernel that can run Node 24 is newer. */
  readonly minKernel?: string;
}

interface ConditionalRule extends SeccompRule {
  readonly includes?: Condition;
  readonly excludes?: Condition;
}

/** Of a rule's `includes` all must hold, of its `excludes` none. */
function holds(
  condition: Condition | undefined,
  machine: string,
  capabilities: readonly string[],
  wanted: boolean,
): boolean {
  const checks = [
    condition?.arches?.includes(machine),
    condition?.caps?.some((capability) => capabilities.includes(capability)),
  ];
  return checks.every((check) => check === undefined || check === wanted);
}

/**
 * Only the machine's own system calls: those of 32-bit programs are a second door into the kernel, and a filter for them
 * costs every start 20 ms (bench/README.md).
 */
const machines: Readonly<Record<string, { readonly name: string; readonly seccompName: string }>> = {
  x64: { name: 'amd64', seccompName: 'SCMP_ARCH_X86_64' },
  arm64: { name: 'arm64', seccompName: 'SCMP_ARCH_AARCH64' },
};
