import { chmod, chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxDisk } from './disks/sandbox-disk.ts';
import type { IsolationSpec } from './isolations/isolation.ts';
import type { UserRange } from './oci/user-range.ts';

export interface WritableLayer {
  readonly disk: SandboxDisk;
  readonly isolation: Pick<IsolationSpec, 'coversEmptyTmp'>;
  /** Where the session's storage is to be seen. */
  readonly mountPath: string | undefined;
  /** Whose root the layer belongs to; undefined: the host's. */
  readonly range: UserRange | undefined;
}

/** What a sandbox finds in its own layer over the image's, on a disk that nothing has written to yet. */
export async function makeWritableLayer({
  disk: { upperDir },
  isolation,
  mountPath,
  range,
}: WritableLayer): Promise<void> {
  const owner = range?.firstId ?? 0;
  async function makeFolder(path: string, mode: number): Promise<void> {
    await mkdir(path, { recursive: true });
    await chmod(path, mode);
    await chown(path, owner, owner);
  }
  await chown(upperDir, owner, owner);
  // Images may lack a /tmp, or have one that only root can write to.
  await makeFolder(join(upperDir, 'tmp'), 0o1777);
  if (isolation.coversEmptyTmp) await makeFolder(join(upperDir, 'tmp', '.berth'), 0o755);
  // Made here, a link that the image has in its place leads nowhere.
  let path = upperDir;
  for (const part of (mountPath ?? '').split('/').filter((name) => name !== '')) {
    path = join(path, part);
    if (path !== join(upperDir, 'tmp')) await makeFolder(path, 0o755);
  }
}
