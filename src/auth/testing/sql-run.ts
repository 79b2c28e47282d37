import { sql } from 'kysely';
import type { OpenDatabase } from '../../storage/database.ts';

/** What somebody does who can write to the database. */
export async function runSql(database: OpenDatabase, statement: string): Promise<void> {
  await sql.raw(statement).execute(database);
}
