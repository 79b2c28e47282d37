import { FakeClock } from '../../../../test/fakes/fake-clock.ts';
import { type AccountId, type Scope, systemRandom } from '../../../shared/ids.ts';
import { type OpenDatabase, openDatabase } from '../../../storage/database.ts';
import { JobQueue } from '../../../storage/job-queue.ts';
import { createSealedBox, type SealedBox } from '../../../storage/sealed-box.ts';
import { createSqlVault, type SqlVaultParts } from '../sql-vault.ts';
import { moveDataKeysJob } from '../sql-vault-store.ts';
import type { TransitEngine } from '../transit/transit-engine.ts';
import { TransitKeys } from '../transit/transit-keys.ts';

export const testScope: Scope = { accountId: '111122223333' as AccountId, region: 'us-east-1' };

export interface VaultFixtureOptions {
  readonly database?: OpenDatabase;
  readonly sealedBox?: SealedBox;
  readonly engine?: Pick<TransitEngine, 'encrypt' | 'decrypt' | 'rewrap' | 'rotate'>;
  readonly transitKey?: string;
  readonly clock?: FakeClock;
  readonly userOf?: SqlVaultParts['userOf'];
}

/** A vault over a database and a job queue, as a server has it; nothing of the queue runs before `jobs.start()`. */
export async function openTestVault(options: VaultFixtureOptions = {}) {
  const database = options.database ?? (await openDatabase(':memory:'));
  const clock = options.clock ?? new FakeClock();
  const failures: unknown[] = [];
  const events = {
    jobFailed: ({ error }: { error: unknown }) => void failures.push(error),
    jobQueueStalled: (error: unknown) => void failures.push(error),
  };
  const jobs = new JobQueue({ database, clock, random: systemRandom, holder: 'server', events });
  const { engine, transitKey: newestKey = 'transit/berth' } = options;
  const parts = createSqlVault({
    database,
    jobs,
    sealedBox: options.sealedBox ?? createSealedBox(new Uint8Array(32)),
    transit: engine && new TransitKeys({ engine, newestKey, clock }),
    userOf: options.userOf ?? (async () => undefined),
    clock,
    random: systemRandom,
  });
  jobs.handle(
    moveDataKeysJob,
    (scope, { signal }) => parts.tokenVault.moveDataKeys(scope as Scope, signal),
    1,
  );
  return {
    ...parts,
    ...{ database, jobs, clock, failures },
    /** Lets the queue do all that is due, and stops it. */
    async runJobs() {
      jobs.start();
      await jobs.settled();
      await jobs.pause();
    },
  };
}

export type TestVault = Awaited<ReturnType<typeof openTestVault>>;

/** Owners with a secret each, sealed. */
export async function sealFor({ vault }: Pick<TestVault, 'vault'>, owners: readonly string[]) {
  const sealed = new Map<string, string>();
  for (const owner of owners) {
    await vault.createKey(testScope, owner);
    sealed.set(owner, await vault.seal(owner, ['api key'], `secret of ${owner}`));
  }
  return sealed;
}

/** What opens of them, by owner. */
export async function openAll({ vault }: Pick<TestVault, 'vault'>, sealed: ReadonlyMap<string, string>) {
  const opened: Record<string, string> = {};
  for (const [owner, text] of sealed) opened[owner] = await vault.open(owner, ['api key'], text);
  return opened;
}

export function secretsOf(sealed: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...sealed.keys()].map((owner) => [owner, `secret of ${owner}`]));
}
