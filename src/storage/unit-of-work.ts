import { AsyncLocalStorage } from 'node:async_hooks';

/** One transaction that several parts take part in without knowing of each other. */
interface Unit<Connection> {
  connection: Connection | undefined;
  /** Of transactions, one within the other. */
  depth: number;
  readonly afterCommit: (() => void)[];
  isOpen: boolean;
}

/**
 * Joins what happens inside `run`, transactions of stores included, into one transaction. It belongs to one database, whose
 * driver asks it for the connection that is already in use by the calling code.
 */
export class UnitsOfWork<Connection> {
  readonly #units = new AsyncLocalStorage<Unit<Connection>>();

  /** The unit that the calling code is part of, if any. */
  get current(): Unit<Connection> | undefined {
    const unit = this.#units.getStore();
    return unit?.isOpen === true ? unit : undefined;
  }

  /** `begin` opens the outermost transaction, runs what it is given in it, and commits or rolls back. */
  async run<Result>(
    begin: (work: () => Promise<Result>) => Promise<Result>,
    work: () => Promise<Result>,
  ): Promise<Result> {
    if (this.current !== undefined) return work();
    const unit: Unit<Connection> = { connection: undefined, depth: 0, afterCommit: [], isOpen: true };
    try {
      return await this.#units.run(unit, () => begin(work));
    } finally {
      unit.isOpen = false;
      for (const run of unit.afterCommit.splice(0)) run();
    }
  }

  /** Runs `work` once what has been written is on disk: at once outside a unit. After a rollback, it only looks in vain. */
  afterCommit(work: () => void): void {
    const unit = this.current;
    if (unit === undefined) work();
    else unit.afterCommit.push(() => this.#units.exit(work));
  }
}
