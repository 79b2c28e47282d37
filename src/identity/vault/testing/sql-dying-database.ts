import type { KyselyPlugin } from 'kysely';
import type { OpenDatabase } from '../../../storage/database.ts';

/** The database as a server sees it that is killed before its statement number `lastStatement` + 1: none after it is run. */
export function dyingDatabase(database: OpenDatabase, lastStatement: number) {
  let statements = 0;
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      statements += 1;
      if (statements > lastStatement) throw new Error('killed');
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const { inOneTransaction, afterCommit, foreignVersion } = database;
  const dying: OpenDatabase = Object.assign(database.withPlugin(plugin), {
    inOneTransaction,
    afterCommit,
    foreignVersion,
  });
  return { database: dying, isDead: () => statements > lastStatement };
}
