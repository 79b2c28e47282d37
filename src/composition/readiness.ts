import type { SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import type { Clock } from '../shared/clock.ts';
import { messageOf } from '../shared/errors.ts';
import type { Database } from '../storage/database.ts';

export interface ReadinessParts {
  readonly database: Database;
  readonly driver: Pick<SandboxDriver, 'list'>;
  readonly clock: Clock;
}

/** Anybody may ask, so that engine and database are not asked more often than this. */
const rememberMs = 1_000;

/** Says what keeps the engine or the database from serving, each a sentence. */
export function createReadinessCheck({ database, driver, clock }: ReadinessParts): () => Promise<string[]> {
  let known: { readonly atMs: number; readonly reasons: Promise<string[]> } | undefined;
  const ask = async () => {
    const checks = await Promise.allSettled([
      driver.list(),
      database.selectFrom('settings').select('name').limit(1).execute(),
    ]);
    return checks.flatMap((check) => (check.status === 'rejected' ? [messageOf(check.reason)] : []));
  };
  return () => {
    if (known === undefined || clock.now() - known.atMs >= rememberMs) {
      known = { atMs: clock.now(), reasons: ask() };
    }
    return known.reasons;
  };
}
