import { z } from 'zod';
import type { Config } from '../config/config.ts';
import { createSqlVault, type SqlVaultParts } from '../identity/vault/sql-vault.ts';
import { moveDataKeysJob } from '../identity/vault/sql-vault-store.ts';
import { TransitEngine } from '../identity/vault/transit/transit-engine.ts';
import { TransitKeys } from '../identity/vault/transit/transit-keys.ts';
import type { Events } from '../observability/events.ts';
import type { AccountId } from '../shared/ids.ts';
import type { JobQueue } from '../storage/job-queue.ts';

export interface VaultParts extends Omit<SqlVaultParts, 'transit' | 'jobs'> {
  readonly config: Pick<Config, 'transit'>;
  readonly jobs: Pick<JobQueue, 'enqueue' | 'handle' | 'wake'>;
  readonly events: Pick<Events, 'transitFailed'>;
}

const scopeSchema = z.object({
  accountId: z.string().transform((text) => text as AccountId),
  region: z.string(),
});

/** The vault, the key ring, and the engine outside that may keep the vault's key. */
export function openVault({ config, events, ...parts }: VaultParts) {
  const { jobs, clock } = parts;
  const { transit: settings } = config;
  const engine = settings && new TransitEngine({ ...settings, events, clock });
  const newestKey = `${settings?.mount}/${settings?.key}`;
  const opened = createSqlVault({
    ...parts,
    transit: engine && new TransitKeys({ engine, newestKey, clock }),
  });
  jobs.handle(
    moveDataKeysJob,
    (payload, { signal }) => opened.tokenVault.moveDataKeys(scopeSchema.parse(payload), signal),
    1,
  );
  return {
    ...opened,
    async [Symbol.asyncDispose]() {
      await engine?.[Symbol.asyncDispose]();
    },
  };
}
