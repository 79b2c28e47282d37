import type { SandboxOptions } from '../runtimes/sandbox-options.ts';
import type { EngineReport, SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import { BerthError } from '../shared/errors.ts';

type Engine = Pick<EngineReport, 'isolations'>;

/** At once, not at the first call of somebody else. */
export function requireIsolation(wanted: string, engine: Engine): void {
  const problem = isolationProblem(wanted, engine);
  if (problem !== undefined) throw new BerthError('validation', `BERTH_ISOLATION: ${problem}`);
}

/** Why the engine cannot wall sandboxes off so, or undefined. */
export function isolationProblem(wanted: string, { isolations }: Engine): string | undefined {
  if (isolations.includes(wanted)) return undefined;
  return `This server's engine has no isolation '${wanted}'. It has: ${isolations.join(', ')}.`;
}

/** Why a runtime's options cannot be met, or undefined. `usual` is the isolation of runtimes that name none. */
export function optionProblem(
  { isolation = '', hibernate }: SandboxOptions,
  parts: {
    readonly engine: Engine;
    readonly driver: Pick<SandboxDriver, 'hibernation'>;
    readonly usual: string;
  },
): string | undefined {
  const problem = isolation === '' ? undefined : isolationProblem(isolation, parts.engine);
  const applied = isolation === '' ? parts.usual : isolation;
  if (problem !== undefined || hibernate === undefined) return problem;
  if (parts.driver.hibernation?.canHibernate(applied) === true) return undefined;
  return `berth:hibernate cannot be met: sandboxes of the isolation '${applied}' cannot go to disk. Set berth:isolation=gvisor too.`;
}
