import { findProgram } from '../find-program.ts';
import type { EnginePrograms } from '../engine-programs.ts';
import type { Isolation } from './isolation.ts';
import { runcOptions } from './runtime-options.ts';

/** The kernel's own namespaces, with the OCI runtime that the shim finds in containerd's search path. */
export function runcIsolation({ programs }: { readonly programs: EnginePrograms }): Isolation {
  return {
    name: 'runc',
    spec: { sharesKernel: true, annotations: {}, coversEmptyTmp: false, ownTasks: 0, hasOwnUsers: true },
    processes: 'host',
    canHibernate: false,
    runtime: async (users) => ({
      name: runcShim,
      // Else it could not open its own output by name, as /dev/stdout.
      ...(users !== undefined && { options: runcOptions({ ioOwner: users.firstId }) }),
    }),
    ociRuntime: async () => findProgram('runc', await programs.searchPath()),
    // Its daemon does not start without.
    problem: async () => undefined,
  };
}

export const runcShim = 'io.containerd.runc.v2';
