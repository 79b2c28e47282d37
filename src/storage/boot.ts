import { readFile } from 'node:fs/promises';
import type { Database } from './database.ts';

/** Whether the machine was restarted since a server of this state directory last started. */
export interface Boot {
  readonly isNew: boolean;
  /** Once everything of the boot before is accounted for. */
  remember(): Promise<void>;
}

const name = 'boot_id';

export async function readBoot(database: Database): Promise<Boot> {
  // random(4): made anew by the kernel at each start.
  const value = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  const known = await database
    .selectFrom('settings')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirst();
  return {
    isNew: known !== undefined && known.value !== value,
    async remember() {
      await database
        .insertInto('settings')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute();
    },
  };
}
