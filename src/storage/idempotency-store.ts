import type { Scope } from '../shared/ids.ts';
import type { OpenDatabase } from './database.ts';

/** What names one idempotent request: tokens of different operations, accounts or regions do not meet. */
export interface IdempotencyKey {
  readonly scope: Scope;
  readonly operation: string;
  readonly token: string;
}

export interface RememberedAnswer {
  /** Lower-case hex over the request's parameters without the token. */
  readonly parametersSha256: string;
  readonly status: number;
  /** The answer's headers and body, as JSON text. */
  readonly answerJson: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** The answers to requests that carried an idempotency token. */
export class IdempotencyStore {
  readonly #database: OpenDatabase;

  constructor(parts: { readonly database: OpenDatabase }) {
    this.#database = parts.database;
  }

  async find(key: IdempotencyKey): Promise<RememberedAnswer | undefined> {
    const row = await this.#database
      .selectFrom('idempotency')
      .selectAll()
      .where('account_id', '=', key.scope.accountId)
      .where('region', '=', key.scope.region)
      .where('operation', '=', key.operation)
      .where('token', '=', key.token)
      .executeTakeFirst();
    return (
      row && {
        parametersSha256: row.parameters_sha256,
        status: row.status,
        answerJson: row.answer_json,
        createdAt: row.created_at,
      }
    );
  }

  /** What `act` writes and what is remembered of it stay together, whatever happens to this process. */
  asOne<Result>(act: () => Promise<Result>): Promise<Result> {
    return this.#database.inOneTransaction(act);
  }

  /** Writes the answer down, in place of an older one under the same key. */
  async remember(key: IdempotencyKey, answer: RememberedAnswer): Promise<void> {
    const values = {
      parameters_sha256: answer.parametersSha256,
      status: answer.status,
      answer_json: answer.answerJson,
      created_at: answer.createdAt,
    };
    await this.#database
      .insertInto('idempotency')
      .values({
        account_id: key.scope.accountId,
        region: key.scope.region,
        operation: key.operation,
        token: key.token,
        ...values,
      })
      .onConflict((conflict) =>
        conflict.columns(['account_id', 'region', 'operation', 'token']).doUpdateSet(values),
      )
      .execute();
  }

  /** Forgets every answer made before `time` (milliseconds since the epoch). */
  async forgetBefore(time: number): Promise<void> {
    await this.#database.deleteFrom('idempotency').where('created_at', '<', time).execute();
  }
}
