import { stripVTControlCharacters } from 'node:util';
import { escapeControl } from './escape-control.ts';

export type Column<Row> = readonly [title: string, value: (row: Row) => string | number | undefined];

/** Aligned columns under a header line; a missing value is a hyphen. On a terminal the header is bold. */
export function formatTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  isTTY: boolean,
): string {
  const cells = rows.map((row) => columns.map(([, value]) => cellOf(value(row))));
  const titles = columns.map(([title]) => title);
  const widths = titles.map((title, index) =>
    Math.max(title.length, ...cells.map((line) => line[index]?.length ?? 0)),
  );
  const lines = [titles, ...cells].map((line) =>
    line
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const [header = '', ...body] = lines;
  return `${[isTTY ? `\u001b[1m${header}\u001b[22m` : header, ...body].join('\n')}\n`;
}

/** `name  value` lines, for one thing. Entries without a value are left out. */
export function formatFields(fields: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const width = Math.max(...given.map(([name]) => name.length));
  return given.map(([name, value]) => `${name.padEnd(width)}  ${cellOf(value)}\n`).join('');
}

function cellOf(value: string | number | undefined): string {
  if (value === undefined || value === '') return '-';
  return escapeControl(stripVTControlCharacters(String(value)).replace(/[\n\t]/g, ' '));
}
