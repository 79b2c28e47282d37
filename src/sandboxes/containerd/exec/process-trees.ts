import { signalTree } from '../../process-tree.ts';
import type { ProcessId } from '../api/tasks-api.ts';
import { cgroupPath, type DriverParts } from '../driver-parts.ts';
import type { ProcessView } from '../isolations/isolation.ts';
import { openRunsc } from '../isolations/runsc.ts';
import { insideTrees } from './inside-trees.ts';
import type { ProcessTree, ProcessTrees } from './process-tree-port.ts';

export type TreeParts = Pick<DriverParts, 'engine' | 'cgroups' | 'clock'>;

export function processTrees(parts: TreeParts): Readonly<Record<ProcessView, ProcessTrees>> {
  return { host: hostTrees(parts), runsc: insideTrees(openRunsc(parts.engine)), shim: shimTrees(parts) };
}

function hostTrees({ engine, cgroups, clock }: TreeParts): ProcessTrees {
  const treeOf = ({ containerId }: ProcessId, root: number): ProcessTree => {
    const path = cgroupPath({ engine }, containerId);
    return {
      signal: (signal) => signalTree({ clock, processes: () => cgroups.processes(path) }, root, signal),
    };
  };
  return {
    start: async (id, _dir, start) => treeOf(id, await start()),
    async find(id) {
      const root = await engine.api.tasks.findProcess(id);
      return root === undefined ? undefined : treeOf(id, root);
    },
  };
}

/** Only the program itself is reached; what it leaves behind ends with its sandbox. */
function shimTrees({ engine: { api } }: TreeParts): ProcessTrees {
  const treeOf = (id: ProcessId): ProcessTree => ({
    signal: (signal) => api.tasks.signalProcess(id, signal),
  });
  return {
    async start(id, _dir, start) {
      await start();
      return treeOf(id);
    },
    find: async (id) => ((await api.tasks.findProcess(id)) === undefined ? undefined : treeOf(id)),
  };
}
