import { type DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { describeSqliteError } from './sqlite-error.ts';
import type { UnitsOfWork } from './unit-of-work.ts';

/** Kysely over Node's own SQLite. One connection: transactions queue behind each other, but for those of one unit of work. */
export function nodeSqliteDialect(database: DatabaseSync, units: UnitsOfWork<DatabaseConnection>): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new NodeSqliteDriver(database, units),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

class NodeSqliteDriver implements Driver {
  readonly #database: DatabaseSync;
  readonly #units: UnitsOfWork<DatabaseConnection>;
  readonly #connection: NodeSqliteConnection;
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  constructor(database: DatabaseSync, units: UnitsOfWork<DatabaseConnection>) {
    this.#database = database;
    this.#units = units;
    this.#connection = new NodeSqliteConnection(database);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const unit = this.#units.current;
    if (unit?.connection !== undefined) return unit.connection;
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
    if (unit !== undefined) unit.connection = this.#connection;
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    const unit = this.#units.current;
    if (unit !== undefined) {
      // Its own outermost transaction is the last to let go.
      if (unit.depth > 0) return;
      unit.connection = undefined;
    }
    const next = this.#waiting.shift();
    if (next) next();
    else this.#isTaken = false;
  }

  async beginTransaction(): Promise<void> {
    this.#run(this.#nest(1) === 1 ? 'begin immediate' : 'savepoint inner');
  }

  async commitTransaction(): Promise<void> {
    this.#run(this.#nest(-1) === 0 ? 'commit' : 'release inner');
  }

  async rollbackTransaction(): Promise<void> {
    const statement = this.#nest(-1) === 0 ? 'rollback' : 'rollback to inner; release inner';
    // SQLite has rolled back by itself when the disk was full, and the reason must not be lost.
    if (this.#database.isTransaction) this.#database.exec(statement);
  }

  #run(statement: string): void {
    try {
      this.#database.exec(statement);
    } catch (error) {
      throw describeSqliteError(error);
    }
  }

  /** How many transactions are open now, one within the other; outside a unit of work one at most. */
  #nest(by: 1 | -1): number {
    const unit = this.#units.current;
    if (unit === undefined) return by === 1 ? 1 : 0;
    unit.depth += by;
    return unit.depth;
  }

  async destroy(): Promise<void> {
    this.#database.close();
  }
}

class NodeSqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      return this.#execute(query);
    } catch (error) {
      throw describeSqliteError(error);
    }
  }

  #execute<Row>(query: CompiledQuery): QueryResult<Row> {
    const statement = this.#prepare(query.sql);
    const parameters = query.parameters as readonly SQLInputValue[];
    if (statement.columns().length > 0) {
      return { rows: statement.all(...parameters) as Row[] };
    }
    const { changes, lastInsertRowid } = statement.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  // oxlint-disable-next-line require-yield -- the port asks for a generator; SQLite is never streamed here
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('Streaming queries are not used with SQLite.');
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    if (this.#statements.size < 500) this.#statements.set(sql, statement);
    return statement;
  }
}
