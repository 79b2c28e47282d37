import type { SandboxLimits } from '../../sandbox-driver.ts';
import type { ImageUser } from '../images/image-user.ts';
import { type BoundFiles, initPath, maskedPaths, ociMounts, readonlyPaths } from './oci-mounts.ts';
import { resourcesFor, type Rlimit } from './resource-limits.ts';
import { seccompFor } from './seccomp.ts';

export interface OciSpecInput {
  readonly hostname: string;
  readonly args: readonly string[];
  /** `NAME=value`; a later one wins. */
  readonly env: readonly string[];
  readonly workingDir: string;
  readonly user: ImageUser;
  readonly files: BoundFiles;
  readonly limits: SandboxLimits;
  readonly hasSwapLimit: boolean;
  readonly rlimits: readonly Rlimit[];
  readonly cgroupPath: string;
  readonly networkNamespacePath: string;
  /** As `process.arch` names it. */
  readonly architecture: string;
}

/** The wall around an agent, as an OCI runtime spec. docs/threat-model.md says what it is to hold. */
export function ociSpec(input: OciSpecInput): object {
  const isRoot = input.user.uid === 0;
  return {
    ociVersion: '1.0.2',
    hostname: input.hostname,
    root: { path: 'rootfs', readonly: false },
    process: {
      terminal: false,
      args: [initPath, '--', ...input.args],
      cwd: input.workingDir,
      env: lastOfEachName(input.env),
      user: { uid: input.user.uid, gid: input.user.gid, additionalGids: input.user.groups },
      noNewPrivileges: true,
      capabilities: {
        bounding: capabilities,
        permitted: isRoot ? capabilities : [],
        effective: isRoot ? capabilities : [],
        inheritable: [],
        ambient: [],
      },
      rlimits: input.rlimits,
      // Under memory pressure an agent goes before the server and the engine.
      oomScoreAdj: 500,
    },
    mounts: ociMounts(input.files),
    linux: {
      cgroupsPath: input.cgroupPath,
      resources: resourcesFor(input.limits, input.hasSwapLimit),
      namespaces: [
        { type: 'pid' },
        { type: 'ipc' },
        { type: 'uts' },
        { type: 'mount' },
        { type: 'cgroup' },
        { type: 'network', path: input.networkNamespacePath },
      ],
      maskedPaths,
      readonlyPaths,
      seccomp: seccompFor(input.architecture, capabilities),
    },
  };
}

/** What root inside needs to run servers and package tools on files of its own; nothing that reaches the kernel or network set-up. */
const capabilities = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_NET_BIND_SERVICE',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
] as const;

function lastOfEachName(env: readonly string[]): readonly string[] {
  const byName = new Map<string, string>();
  for (const line of env) byName.set(line.slice(0, line.indexOf('=')), line);
  return [...byName.values()];
}
