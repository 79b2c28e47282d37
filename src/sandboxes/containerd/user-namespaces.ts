import { messageOf } from '../../shared/errors.ts';
import { lazySnapshotter } from './api/snapshots-api.ts';
import type { ContainerdEngine } from './containerd-engine.ts';
import { findProgram } from './find-program.ts';
import type { PreparedImage } from './images/prepared-images.ts';
import { runningDaemon } from './inspect-engine.ts';
import type { NetworkSlot } from './network/network-slot.ts';
import type { OwnUsers } from './oci/oci-mounts.ts';
import { idsPerRange, userRangeOf } from './oci/user-range.ts';
import type { EngineLog } from './private-containerd.ts';
import { runCommand } from './run-command.ts';
import { idMapFolder, makeSysfs, unmountBelow } from './user-namespace-mounts.ts';
import { readUserNamespaceFacts, userNamespaceProblem } from './user-namespace-problem.ts';
import type { RunProgram } from './user-namespace-trial.ts';

/** Users of their own for sandboxes, which are nobody on the host. */
export interface UserNamespaces {
  /** Undefined: its users have to be the host's. */
  forSandbox(
    slot: Pick<NetworkSlot, 'address'>,
    image: Pick<PreparedImage, 'snapshotter' | 'user'>,
  ): Promise<OwnUsers | undefined>;
  /** Unmounts what a shim that was killed left; nothing may be starting. Returns how many. */
  sweep(): Promise<number>;
}

export interface UserNamespacesParts {
  readonly engine: Pick<ContainerdEngine, 'api' | 'daemonPid' | 'home' | 'runDir'>;
  readonly log: Pick<EngineLog, 'warn'>;
  /** What a trial is made with. */
  readonly run?: RunProgram;
}

export function userNamespaces({ engine, log, run = runCommand }: UserNamespacesParts): UserNamespaces {
  const { runDir } = engine;
  const problemWith = remembered((containerd) => findProblem(engine, containerd, run));
  const sysfs = remembered(() => makeSysfs(runDir));
  let told: string | undefined;
  const tell = (reason: string) => {
    if (reason !== told) log.warn({ reason }, "sandboxes of runc have the host's users");
    told = reason;
  };

  return {
    async forSandbox({ address }, { snapshotter, user }) {
      // Layers that are not here yet are a FUSE file system, which cannot be shown as another user's.
      const isLazy = snapshotter === lazySnapshotter;
      const ids = [user.uid, user.gid, ...user.groups];
      if (isLazy || ids.some((id) => id >= idsPerRange)) return undefined;
      // Asked anew: the containerd may be another by now, and another server may have replaced it.
      const containerd = await engine.api.system.version();
      try {
        const problem = await problemWith(containerd);
        if (problem === undefined) return { range: userRangeOf(address), sysfs: await sysfs('') };
        tell(problem);
      } catch (error) {
        tell(messageOf(error));
      }
      return undefined;
    },
    sweep: () => unmountBelow(idMapFolder(runDir)),
  };
}

/** Does the work once for each key, the latest one; again after it failed. */
function remembered<Result>(work: (key: string) => Promise<Result>): (key: string) => Promise<Result> {
  let known: { readonly key: string; readonly result: Promise<Result> } | undefined;
  return (key) => {
    if (known !== undefined && known.key === key) return known.result;
    const entry = { key, result: work(key) };
    known = entry;
    entry.result.catch(() => {
      if (known === entry) known = undefined;
    });
    return entry.result;
  };
}

async function findProblem(
  { daemonPid, home, runDir }: UserNamespacesParts['engine'],
  containerd: string,
  run: RunProgram,
): Promise<string | undefined> {
  // A containerd that is shared keeps its bundles where others say.
  if (daemonPid === undefined) return 'The containerd is shared.';
  const { searchPath } = await runningDaemon(daemonPid);
  const runc = await findProgram('runc', searchPath);
  return userNamespaceProblem(await readUserNamespaceFacts({ home, runDir, containerd, runc, run }));
}
