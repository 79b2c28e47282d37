import type { Migration } from 'kysely';
import { initial } from './migrations/0001-initial.ts';
import { sessionAliases } from './migrations/0002-session-aliases.ts';

/** In order of their names; a name is never changed once released. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-initial': initial,
  '0002-session-aliases': sessionAliases,
};
