import type { CliContext } from '../cli-context.ts';
import { formatFields, formatTable, type Column } from './format-table.ts';

/** How a command answers: JSON when asked, else for people. */
export interface Printer {
  readonly isJson: boolean;
  /** A list; `none` is said (on stderr) when it is empty. */
  list<Row>(rows: readonly Row[], columns: readonly Column<Row>[], none: string): Promise<void>;
  /** One thing with its fields. */
  item(json: object, fields: Readonly<Record<string, string | number | undefined>>): Promise<void>;
  /** What was done, in a sentence; for JSON the thing itself. */
  done(json: object, sentence: string): Promise<void>;
  /** Beside the answer, on stderr, and never in JSON. */
  note(sentence: string): Promise<void>;
}

export function createPrinter(
  { stdout, stderr }: Pick<CliContext, 'stdout' | 'stderr'>,
  isJson: boolean,
): Printer {
  const json = (value: unknown) => stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
  return {
    isJson,
    async list(rows, columns, none) {
      if (isJson) return json(rows);
      if (rows.length === 0) return stderr.write(`${none}\n`);
      return stdout.write(formatTable(rows, columns, stdout.isTTY));
    },
    item: (value, fields) => (isJson ? json(value) : stdout.write(formatFields(fields))),
    done: (value, sentence) => (isJson ? json(value) : stdout.write(`${sentence}\n`)),
    note: async (sentence) => {
      if (!isJson) await stderr.write(`${sentence}\n`);
    },
  };
}
