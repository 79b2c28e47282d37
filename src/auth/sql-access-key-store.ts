import { z } from 'zod';
import { BerthError } from '../shared/errors.ts';
import type { Scope } from '../shared/ids.ts';
import type { Database, OpenDatabase } from '../storage/database.ts';
import type { SealedBox } from '../storage/sealed-box.ts';
import type { AccessKeyRow } from '../storage/tables.ts';
import type { AccessKey, AccessKeyStore, SecretAccessKey } from './access-keys.ts';
import { type KeyLimits, keyRoles, type KeyRole } from './principal.ts';

/** Access keys in the database, each secret sealed for its own id. */
export class SqlAccessKeyStore implements AccessKeyStore {
  readonly #database: OpenDatabase;
  readonly #sealedBox: SealedBox;

  constructor(parts: { readonly database: OpenDatabase; readonly sealedBox: SealedBox }) {
    this.#database = parts.database;
    this.#sealedBox = parts.sealedBox;
  }

  foreignVersion(): number {
    return this.#database.foreignVersion();
  }

  async insert(key: SecretAccessKey): Promise<void> {
    await this.#database
      .insertInto('access_keys')
      .values({
        access_key_id: key.id,
        account_id: key.accountId,
        region: key.region,
        role: key.role,
        name: key.name,
        limits_json: key.limits === undefined ? null : JSON.stringify(key.limits),
        sealed_secret: this.#sealedBox.seal(key.secret, purposeOf(key.id)),
        created_at: key.createdAtMs,
        revoked_at: key.revokedAtMs ?? null,
      })
      .execute();
  }

  async findActive(scope: Scope, id: string): Promise<SecretAccessKey | undefined> {
    const row = await this.#active(this.#database, scope).where('access_key_id', '=', id).executeTakeFirst();
    return row && this.#withSecret(row, scope);
  }

  async findFirstActiveAdmin(scope: Scope): Promise<SecretAccessKey | undefined> {
    const row = await this.#active(this.#database, scope)
      .where('role', '=', 'admin')
      .orderBy('created_at')
      .orderBy('access_key_id')
      .executeTakeFirst();
    return row && this.#withSecret(row, scope);
  }

  async list(scope: Scope): Promise<readonly AccessKey[]> {
    const rows = await this.#all(this.#database, scope)
      .orderBy('created_at')
      .orderBy('access_key_id')
      .execute();
    return rows.map((row) => toAccessKey(row, scope));
  }

  revoke(scope: Scope, id: string, atMs: number): Promise<void> {
    return this.#database.transaction().execute(async (transaction) => {
      const row = await this.#all(transaction, scope).where('access_key_id', '=', id).executeTakeFirst();
      if (row === undefined) {
        throw new BerthError('not-found', `There is no access key ${id}. 'berth keys list' shows all.`);
      }
      if (row.revoked_at !== null) return;
      const admins = await this.#active(transaction, scope).where('role', '=', 'admin').limit(2).execute();
      if (row.role === 'admin' && admins.length < 2) {
        throw new BerthError(
          'conflict',
          `${id} is the last admin key; without one nobody could administer this server. Create another with 'berth keys create --role admin' first.`,
        );
      }
      await transaction
        .updateTable('access_keys')
        .set({ revoked_at: atMs })
        .where('access_key_id', '=', id)
        .execute();
    });
  }

  #all(database: Database, { accountId, region }: Scope) {
    return database
      .selectFrom('access_keys')
      .selectAll()
      .where('account_id', '=', accountId)
      .where('region', '=', region);
  }

  #active(database: Database, scope: Scope) {
    return this.#all(database, scope).where('revoked_at', 'is', null);
  }

  #withSecret(row: AccessKeyRow, scope: Scope): SecretAccessKey {
    return {
      ...toAccessKey(row, scope),
      secret: this.#sealedBox.open(row.sealed_secret, purposeOf(row.access_key_id)),
    };
  }
}

function toAccessKey(row: AccessKeyRow, { accountId, region }: Scope): AccessKey {
  return {
    id: row.access_key_id,
    accountId,
    region,
    role: parseRole(row),
    name: row.name,
    limits: parseLimits(row),
    createdAtMs: row.created_at,
    revokedAtMs: row.revoked_at ?? undefined,
  };
}

const limitsSchema = z.strictObject({
  runtimes: z.array(z.string()).optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

/** A limit that cannot be read is no limit that can be ignored. */
function parseLimits({ limits_json: json, access_key_id: id }: AccessKeyRow): KeyLimits | undefined {
  if (json === null) return undefined;
  try {
    return limitsSchema.parse(JSON.parse(json));
  } catch (error) {
    throw new BerthError('internal', `The limits of the access key ${id} cannot be read.`, { cause: error });
  }
}

function parseRole({ role, access_key_id: id }: AccessKeyRow): KeyRole {
  const known = keyRoles.find((name) => name === role);
  if (known !== undefined) return known;
  // As it was called before there were deployers.
  if (role === 'invoke') return 'invoker';
  throw new BerthError('internal', `The access key ${id} has the unknown role '${role}'.`);
}

function purposeOf(id: string): string {
  return `access key ${id}`;
}
