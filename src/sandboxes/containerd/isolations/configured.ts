import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { BerthError } from '../../../shared/errors.ts';
import type { EnginePrograms } from '../engine-programs.ts';
import { findProgram } from '../find-program.ts';
import type { Isolation } from './isolation.ts';
import type { ConfiguredIsolation } from './isolations-file.ts';
import { runcShim } from './runc.ts';
import { configPathOptions, runcOptions } from './runtime-options.ts';

/** One of the operator's file. */
export function configuredIsolation(
  given: ConfiguredIsolation,
  { programs }: { readonly programs: EnginePrograms },
): Isolation {
  const { name, shim, runtime, config } = given;
  const sharesKernel = given.kernel === 'host';

  async function problem(): Promise<string | undefined> {
    const needed = runtime ?? (await shimProgram(shim ?? runcShim, programs));
    if (await isExecutable(needed)) return undefined;
    return `The isolation '${name}' needs the program ${needed}, which is not there or cannot be run. Install it, or take '${name}' out of BERTH_ISOLATIONS_FILE.`;
  }

  return {
    name,
    spec: {
      sharesKernel,
      annotations: given.annotations,
      coversEmptyTmp: false,
      ownTasks: sharesKernel ? 0 : 64,
      // Not every OCI runtime can.
      hasOwnUsers: false,
    },
    processes: sharesKernel ? 'host' : 'shim',
    canHibernate: false,
    async runtime() {
      const found = await problem();
      if (found !== undefined) throw new BerthError('unavailable', found);
      if (runtime !== undefined) return { name: runcShim, options: runcOptions({ binaryName: runtime }) };
      return {
        name: shim ?? runcShim,
        ...(config !== undefined && { options: configPathOptions(`${shim}.options`, config) }),
      };
    },
    ociRuntime: async () => runtime,
    problem,
  };
}

/** As containerd makes it of the shim's name: io.containerd.kata.v2 is containerd-shim-kata-v2. */
async function shimProgram(shim: string, programs: EnginePrograms): Promise<string> {
  if (isAbsolute(shim)) return shim;
  const program = `containerd-shim-${shim.split('.').slice(-2).join('-')}`;
  return (await findProgram(program, await programs.searchPath())) ?? program;
}

async function isExecutable(path: string): Promise<boolean> {
  if (!isAbsolute(path)) return false;
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
