import { readFile, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { runCommand } from './run-command.ts';
import { type RunProgram, userNamespaceRefusal } from './user-namespace-trial.ts';

/** What decides whether sandboxes can have users of their own. */
export interface UserNamespaceFacts {
  /** As in `6.12.1`. */
  readonly kernel: string;
  /** How many user namespaces there may be; undefined when the kernel has none. */
  readonly most: number | undefined;
  /** As in `2.4.2`. */
  readonly containerd: string | undefined;
  /** Whether runc says that it mounts folders as another user's. */
  readonly hasIdMaps: boolean;
  /** `f_type` of the file system that images are unpacked to. */
  readonly fileSystem: number;
  /** The part of the sandboxes' folder that users other than root cannot pass; undefined when they can. */
  readonly closedFolder: string | undefined;
  /** What the kernel said to a trial; undefined when it worked, or was not made. */
  readonly refusal: string | undefined;
}

/** Why sandboxes of runc share the host's users, and what to do: a sentence each. Undefined when each can have its own. */
export function userNamespaceProblem(facts: UserNamespaceFacts): string | undefined {
  const { kernel, most, containerd, hasIdMaps, fileSystem, closedFolder, refusal } = facts;
  if (most === undefined) return 'The kernel has no user namespaces. Boot one with CONFIG_USER_NS.';
  if (most === 0) return 'User namespaces are switched off. Set the sysctl user.max_user_namespaces.';
  if (isOlder(kernel, [5, 19]))
    return `Linux ${kernel} cannot show the layers of an image as another user's. Install Linux 5.19 or newer.`;
  if (containerd === undefined || isOlder(containerd, [2, 0]))
    return `containerd ${containerd ?? 'of an unknown version'} cannot mount images as another user's. Install 2.0 or newer, or Berth's own engine.`;
  if (!hasIdMaps)
    return "This runc cannot mount folders as another user's. Install 1.2 or newer, or Berth's own engine.";
  if (!mappable.has(fileSystem))
    return `The file system of the home (type 0x${fileSystem.toString(16)}) is not one that Berth shows as another user's. Use ext4, XFS or Btrfs.`;
  if (closedFolder !== undefined)
    return `Only root may pass ${closedFolder}, and the root file systems of sandboxes are below it. Run: chmod o+x ${closedFolder}`;
  if (refusal !== undefined)
    return `A trial failed: ${refusal}. Install util-linux if unshare is missing; in a container, let nothing cover parts of /proc and allow mounts.`;
  return undefined;
}

export interface UserNamespacePlace {
  readonly home: string;
  /** Bundles of sandboxes are below it. */
  readonly runDir: string;
  readonly containerd: string | undefined;
  /** Path of runc. */
  readonly runc: string | undefined;
  /** What a trial is made with, which only root can; undefined: none is made. */
  readonly run: RunProgram | undefined;
}

export async function readUserNamespaceFacts(place: UserNamespacePlace): Promise<UserNamespaceFacts> {
  const { home, runDir, containerd, runc, run } = place;
  const [kernel, most, hasIdMaps, folder, closedFolder, refusal] = await Promise.all([
    readFile('/proc/sys/kernel/osrelease', 'utf8'),
    readFile('/proc/sys/user/max_user_namespaces', 'utf8').catch(() => undefined),
    runc === undefined ? false : runcHasIdMaps(runc),
    existing(home).then((path) => statfs(path)),
    closedFolderAbove(runDir),
    run && userNamespaceRefusal(run),
  ]);
  return {
    kernel: kernel.trim(),
    most: most === undefined ? undefined : Number(most),
    containerd,
    hasIdMaps,
    fileSystem: folder.type,
    closedFolder,
    refusal,
  };
}

/** ext4, XFS, Btrfs, F2FS: those that take idmapped mounts since Linux 5.19 or earlier, and can hold images. */
const mappable: ReadonlySet<number> = new Set([0xef53, 0x58465342, 0x9123683e, 0xf2f52010]);

function isOlder(version: string, [wantedMajor, wantedMinor]: readonly [number, number]): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}

const featuresSchema = z.object({
  linux: z.object({ mountExtensions: z.object({ idmap: z.object({ enabled: z.boolean() }) }) }),
});

async function runcHasIdMaps(runc: string): Promise<boolean> {
  try {
    const features = featuresSchema.safeParse(JSON.parse(await runCommand(runc, ['features'])));
    return features.success && features.data.linux.mountExtensions.idmap.enabled;
  } catch {
    // Older than the command.
    return false;
  }
}

async function existing(path: string): Promise<string> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  return isThere || dirname(path) === path ? path : existing(dirname(path));
}

/** A folder that is not there yet will be made so that it can be passed. */
async function closedFolderAbove(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && (found.mode & 0o001) === 0) return path;
  return dirname(path) === path ? undefined : closedFolderAbove(dirname(path));
}
