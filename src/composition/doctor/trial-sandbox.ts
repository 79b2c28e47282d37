import { lstat, mkdir, mkdtemp, readlink, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { inspectCgroups } from '../../sandboxes/containerd/cgroups.ts';
import { mountPoints } from '../../sandboxes/containerd/disks/kernel-disks.ts';
import type { IsolationSpec } from '../../sandboxes/containerd/isolations/isolation.ts';
import type { OciMount } from '../../sandboxes/containerd/oci/oci-mounts.ts';
import { type OciSpec, ociSpec } from '../../sandboxes/containerd/oci/oci-spec.ts';
import { readOpenFilesLimit, rlimitsFor } from '../../sandboxes/containerd/oci/resource-limits.ts';
import type { Clock } from '../../shared/clock.ts';
import { type ExaminedHost, problemOf } from './examined-host.ts';

export interface Trial {
  readonly host: ExaminedHost;
  /** The OCI runtime, absolute. */
  readonly runtime: string;
  /** The init program, absolute. */
  readonly init: string;
  readonly isolation: IsolationSpec;
  readonly clock: Clock;
}

/**
 * Runs a sandbox as a server would make it (the same spec: namespaces, limits, capabilities, seccomp), but without containerd and
 * network, with the host's programs as its image, read-only. Resolves to what kept it from running; nothing of it is left.
 */
export async function trySandbox({
  host,
  runtime,
  init,
  isolation,
  clock,
}: Trial): Promise<string | undefined> {
  const bundle = await realpath(await mkdtemp(join(tmpdir(), 'berth-doctor-')));
  const id = basename(bundle);
  const run = (args: readonly string[]) => host.run(runtime, ['--root', join(bundle, 'state'), ...args]);
  try {
    await writeFile(join(bundle, 'file'), '');
    const spec = await trialSpec({ bundle, id, init, isolation, clock });
    await writeFile(join(bundle, 'config.json'), JSON.stringify(spec));
    return await problemOf(run(['run', '--bundle', bundle, id]));
  } finally {
    await problemOf(run(['delete', '--force', id]));
    await problemOf((await inspectCgroups(clock)).remove(`/${id}`));
    await removeBundle(host, bundle);
  }
}

/** gVisor leaves an empty network namespace, which is a mount. What is still mounted is left: it may be the host's own folders. */
async function removeBundle(host: ExaminedHost, bundle: string): Promise<void> {
  for (const point of await mountPoints(bundle)) await problemOf(host.run('umount', [point]));
  if ((await mountPoints(bundle)).length === 0) await rm(bundle, { recursive: true, force: true });
}

async function trialSpec(
  given: Pick<Trial, 'init' | 'isolation' | 'clock'> & { readonly bundle: string; readonly id: string },
): Promise<OciSpec> {
  const { bundle, id, init, isolation, clock } = given;
  const file = join(bundle, 'file');
  const spec = ociSpec({
    hostname: id,
    args: ['true'],
    env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
    workingDir: '/',
    user: { uid: 0, gid: 0, groups: [], home: '/root' },
    files: { init, hosts: file, hostname: file, resolvConf: file, caBundle: undefined },
    storage: undefined,
    users: undefined,
    limits: { memoryBytes: 256 * 2 ** 20, cpus: 1, pids: 64, diskBytes: 0 },
    hasSwapLimit: (await inspectCgroups(clock)).hasSwapLimit,
    rlimits: rlimitsFor(await readOpenFilesLimit('self')),
    cgroupPath: `/${id}`,
    networkNamespacePath: undefined,
    egress: { kind: 'off' },
    isolation,
    architecture: process.arch,
  });
  return { ...spec, mounts: [...(await hostPrograms(join(bundle, 'rootfs'))), ...spec.mounts] };
}

/** What `true` needs to run. Where the host has links into /usr, so has the sandbox. */
async function hostPrograms(rootfs: string): Promise<readonly OciMount[]> {
  await mkdir(rootfs);
  const mounts: OciMount[] = [];
  for (const folder of ['usr', 'bin', 'sbin', 'lib', 'lib64']) {
    const source = `/${folder}`;
    const found = await lstat(source).catch(() => undefined);
    if (found?.isSymbolicLink() === true) await symlink(await readlink(source), join(rootfs, folder));
    else if (found !== undefined)
      mounts.push({ destination: source, type: 'bind', source, options: ['rbind', 'ro', 'nosuid', 'nodev'] });
  }
  return mounts;
}
