import { BerthError } from '../../../shared/errors.ts';
import type { EnginePrograms } from '../engine-programs.ts';
import type { Isolation } from './isolation.ts';
import { runcShim } from './runc.ts';
import { runcOptions } from './runtime-options.ts';
import { runscProgram } from './runsc-program.ts';
import { runscRoot } from './runsc.ts';

/**
 * A kernel in user space between agent and host. Its OCI runtime is driven through runc's shim; gVisor's own expects a pod.
 * Platform, network and gofers are its defaults: systrap, a network stack of its own on the namespace's link, no host sockets or FIFOs.
 */
export function gvisorIsolation({
  programs,
  home,
  runDir,
}: {
  readonly programs: EnginePrograms;
  readonly home: string;
  readonly runDir: string;
}): Isolation {
  return {
    name: 'gvisor',
    spec: {
      sharesKernel: false,
      // The writable layer is the sandbox's disk, limited and seen by the host, and not a file of gVisor's.
      annotations: { 'dev.gvisor.flag.overlay2': 'none' },
      coversEmptyTmp: true,
      // Measured with an idle agent: 34, its own three or four included. A process inside takes two or three more.
      ownTasks: 48,
      // Users inside are its own kernel's, and none of the host's.
      hasOwnUsers: false,
    },
    processes: 'runsc',
    canHibernate: true,
    async runtime() {
      const runsc = await programs.find('runsc');
      if (runsc === undefined) throw new BerthError('unavailable', notInstalled);
      return {
        name: runcShim,
        options: runcOptions({
          binaryName: await runscProgram(home, runsc.path),
          root: runscRoot(runDir),
        }),
      };
    },
    ociRuntime: async () => (await programs.find('runsc'))?.path,
    async problem() {
      return (await programs.find('runsc')) === undefined ? notInstalled : undefined;
    },
  };
}

const notInstalled = `The isolation 'gvisor' needs the program runsc: install the package berth-gvisor-${process.platform}-${process.arch}, or put runsc into the search path.`;
