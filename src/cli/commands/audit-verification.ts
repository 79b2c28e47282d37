import type { CliContext } from '../cli-context.ts';
import { CliError, usageError } from '../cli-error.ts';
import type { AuditCheck } from '../client/audit-api.ts';
import type { Connection } from '../client/connect.ts';
import { createPrinter } from '../output/printer.ts';

/** The end of a chain, as it was seen some time ago. */
export interface NotedEnd {
  readonly name: string;
  readonly seq: number;
  readonly hash: string;
}

export function parseNoted(text: string): NotedEnd {
  const [, name, seq, hash] = /^([a-z]+):(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (name === undefined || seq === undefined || hash === undefined)
    throw usageError(`--noted '${text}': expected KIND:NUMBER:HASH, as berth audit --verify printed it.`);
  return { name, seq: Number(seq), hash };
}

/** Says whether the log is what was written, and fails when it is not. */
export async function verifyAudit(
  context: CliContext,
  { audit }: Connection,
  { noted, isJson }: { readonly noted: readonly NotedEnd[]; readonly isJson: boolean },
): Promise<void> {
  const found = await audit.verify();
  const ends = [];
  for (const end of noted) {
    const [entry] = (await audit.after(end.seq - 1, {}, 1)).entries;
    ends.push({ ...end, state: stateOf(found, end, entry?.seq === end.seq ? entry.hash : undefined) });
  }
  const printer = createPrinter(context, isJson);
  const shown = noted.length === 0 ? found : { ...found, noted: ends };
  const missing = ends.find(({ state }) => state === 'missing');
  if (found.brokenAtSeq === undefined && missing === undefined)
    return printer.done(shown, [describe(found), ...ends.map(describeEnd)].join('\n'));
  if (isJson) await printer.done(shown, '');
  throw new CliError(
    missing === undefined
      ? `The audit log is not what was written: entry ${found.brokenAtSeq} does not fit.`
      : `The audit log is not what was noted: entry ${missing.seq} is missing, or another one is there.`,
    { advice: 'Somebody has changed or removed entries of it in the database. Compare it with a backup.' },
  );
}

/** The bounds of the log take only entries that others of the kind came after. */
function stateOf(
  { chains }: AuditCheck,
  { name, seq, hash }: NotedEnd,
  present: string | undefined,
): 'there' | 'aged out' | 'missing' {
  if (present === hash) return 'there';
  const chain = chains.find((known) => known.name === name);
  return present === undefined && chain !== undefined && chain.firstSeq > seq ? 'aged out' : 'missing';
}

function describe({ entries, chains }: AuditCheck): string {
  if (entries === 0) return 'The audit log is empty.';
  const ends = chains.map(({ name, lastSeq, lastHash }) => `  --noted ${name}:${lastSeq}:${lastHash}`);
  return [
    `The audit log is whole: ${entries} entries.`,
    'Note this elsewhere, and give it to a later berth audit --verify, to prove that no end was cut off:',
    ...ends,
  ].join('\n');
}

function describeEnd({ seq, state }: { readonly seq: number; readonly state: string }): string {
  return state === 'there'
    ? `Entry ${seq} is there as noted.`
    : `Entry ${seq} is older than what is kept now, and cannot be compared.`;
}
