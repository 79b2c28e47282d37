import { messageOf } from '../../shared/errors.ts';

/** Runs a program to its end; rejects with what it said when it fails. */
export type RunProgram = (command: string, args: readonly string[]) => Promise<unknown>;

/**
 * What the kernel says, without a full stop, to the mounts that a sandbox with users of its own needs; undefined when it takes them. A container's
 * host, for one, covers parts of /proc, and then no user namespace is given a /proc of its own. Nothing stays mounted.
 */
export async function userNamespaceRefusal(run: RunProgram): Promise<string | undefined> {
  try {
    for (const args of trials) await run('unshare', args);
    return undefined;
  } catch (error) {
    return messageOf(error)
      .trim()
      .replaceAll(/\s*\n\s*/g, '; ')
      .replace(/\.$/, '');
  }
}

/** Each in a mount namespace that ends with it. */
const trials = [
  '--user --map-root-user --mount --pid --fork mount -t proc proc /proc',
  '--net --mount mount -t sysfs -o ro berth-sysfs /sys',
].map((words) => words.split(' '));
