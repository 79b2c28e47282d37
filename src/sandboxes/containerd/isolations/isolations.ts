import { BerthError } from '../../../shared/errors.ts';
import type { EnginePrograms } from '../engine-programs.ts';
import { configuredIsolation } from './configured.ts';
import { gvisorIsolation } from './gvisor.ts';
import type { Isolation } from './isolation.ts';
import type { ConfiguredIsolation } from './isolations-file.ts';
import { runcIsolation } from './runc.ts';

/** The isolations of a server. */
export interface Isolations {
  /** Usable or not, those that are built in first. */
  readonly all: readonly Isolation[];
  /** Undefined for a name that this server does not know: one of a sandbox from before a change of its settings, too. */
  find(name: string): Isolation | undefined;
  /** Throws `validation` for a name that this server does not know. */
  require(name: string): Isolation;
  /** Names of those that can be used on this machine. */
  usable(): Promise<readonly string[]>;
}

export function createIsolations(parts: {
  readonly programs: EnginePrograms;
  readonly home: string;
  readonly runDir: string;
  /** Those of the operator's file. */
  readonly configured: readonly ConfiguredIsolation[];
}): Isolations {
  const own = parts.configured.map((given) => configuredIsolation(given, parts));
  const all: readonly Isolation[] = [runcIsolation(parts), gvisorIsolation(parts), ...own];
  const byName = new Map(all.map((isolation) => [isolation.name, isolation]));
  return {
    all,
    find: (name) => byName.get(name),
    require(name) {
      const found = byName.get(name);
      if (found !== undefined) return found;
      throw new BerthError(
        'validation',
        `This server has no isolation '${name}'. It has: ${[...byName.keys()].join(', ')}.`,
      );
    },
    async usable() {
      const problems = await Promise.all(all.map((isolation) => isolation.problem()));
      return all.filter((_, at) => problems[at] === undefined).map(({ name }) => name);
    },
  };
}
