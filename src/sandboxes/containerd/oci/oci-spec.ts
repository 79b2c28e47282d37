import type { EgressPolicy } from '../../egress-policy.ts';
import type { SandboxLimits } from '../../sandbox-driver.ts';
import type { ImageUser } from '../images/image-user.ts';
import {
  type BoundFiles,
  type BoundFolder,
  initPath,
  maskedPaths,
  type OciMount,
  type OwnUsers,
  ociMounts,
  readonlyPaths,
} from './oci-mounts.ts';
import type { IsolationSpec } from '../isolations/isolation.ts';
import { resourcesFor, type Rlimit } from './resource-limits.ts';
import { seccompFor } from './seccomp.ts';
import { idMappings } from './user-range.ts';

export interface OciSpecInput {
  readonly hostname: string;
  readonly args: readonly string[];
  /** `NAME=value`; a later one wins. */
  readonly env: readonly string[];
  readonly workingDir: string;
  readonly user: ImageUser;
  readonly files: BoundFiles;
  readonly storage: BoundFolder | undefined;
  /** Undefined: its users are the host's. */
  readonly users: OwnUsers | undefined;
  readonly limits: SandboxLimits;
  readonly hasSwapLimit: boolean;
  readonly rlimits: readonly Rlimit[];
  readonly cgroupPath: string;
  /** Undefined: a new one, empty. */
  readonly networkNamespacePath: string | undefined;
  readonly egress: EgressPolicy;
  readonly isolation: Pick<IsolationSpec, 'sharesKernel' | 'annotations' | 'ownTasks'>;
  /** As `process.arch` names it. */
  readonly architecture: string;
}

export interface OciSpec {
  readonly mounts: readonly OciMount[];
  readonly [part: string]: unknown;
}

/** What a sandbox may reach, for when it comes back from disk; a label would be too short. */
export const egressAnnotation = 'berth.egress';

/** The wall around an agent, as an OCI runtime spec. docs/threat-model.md says what it is to hold. */
export function ociSpec(input: OciSpecInput): OciSpec {
  const isRoot = input.user.uid === 0;
  const path = input.networkNamespacePath;
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
    mounts: ociMounts(input.files, input.storage, input.users),
    annotations: { ...input.isolation.annotations, [egressAnnotation]: JSON.stringify(input.egress) },
    linux: {
      cgroupsPath: input.cgroupPath,
      resources: resourcesFor(
        { ...input.limits, pids: input.limits.pids + input.isolation.ownTasks },
        input.hasSwapLimit,
      ),
      namespaces: [
        { type: 'pid' },
        { type: 'ipc' },
        { type: 'uts' },
        { type: 'mount' },
        { type: 'cgroup' },
        ...(input.users === undefined ? [] : [{ type: 'user' }]),
        { type: 'network', ...(path !== undefined && { path }) },
      ],
      ...(input.users !== undefined && {
        uidMappings: idMappings(input.users.range),
        gidMappings: idMappings(input.users.range),
      }),
      maskedPaths,
      readonlyPaths,
      // Calls of an agent whose kernel is another do not come to the host's.
      ...(input.isolation.sharesKernel && { seccomp: seccompFor(input.architecture, capabilities) }),
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
