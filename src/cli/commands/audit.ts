import { type Command, InvalidArgumentError } from 'commander';
import { sleep } from '../../shared/clock.ts';
import { duration } from '../../shared/value-types.ts';
import type { CliContext } from '../cli-context.ts';
import { CliError, usageError } from '../cli-error.ts';
import type { AuditLine, AuditQuery } from '../client/audit-api.ts';
import { connect, type Connection } from '../client/connect.ts';
import { newCommand } from '../new-command.ts';
import { escapeControl } from '../output/escape-control.ts';
import { createPrinter } from '../output/printer.ts';

interface AuditOptions {
  readonly since?: string;
  readonly principal?: string;
  readonly action?: string;
  readonly denied?: boolean;
  readonly reads?: boolean;
  readonly follow?: boolean;
  readonly lines: number;
  readonly verify?: boolean;
  readonly json?: boolean;
}

const everyMs = 1_000;

export function auditCommand(context: CliContext): Command {
  return newCommand(
    'audit',
    'The audit log: changes and who made them, what was refused, credentials that were read.',
    [
      'berth audit --since 24h --denied',
      'berth audit --principal ci --action DeleteAgentRuntime',
      'berth audit --follow --json',
      'berth audit --verify',
    ],
  )
    .option(
      '--since <time>',
      'from then on: how long ago, such as 24h, or a time such as 2026-11-01T08:00:00Z',
    )
    .option('--principal <name>', "a key's name or id, or a principal as the log shows it")
    .option('--action <name>', "an operation's name, '*' standing for any characters")
    .option('--denied', 'only what was refused')
    .option('--reads', 'only credentials that were read')
    .option('-n, --lines <count>', 'the newest, at most 1000', parseLines, 100)
    .option('-f, --follow', 'go on as more is written, until Ctrl-C')
    .option('--verify', 'check that nothing of the log was changed or taken out')
    .action(async (options: AuditOptions) => {
      if (options.denied === true && options.reads === true)
        throw usageError('--denied and --reads exclude each other.');
      const query = queryOf(options, context.clock.now());
      await using server = await connect(context);
      if (options.verify === true) {
        await verify(context, server, options.json === true);
        return;
      }
      const newest = await server.audit.newest(query, options.lines);
      if (options.follow !== true && options.json === true)
        return createPrinter(context, true).list(newest, [], '');
      const show = async (lines: readonly AuditLine[]) => {
        for (const line of lines)
          await context.stdout.write(options.json === true ? `${JSON.stringify(line)}\n` : formatLine(line));
      };
      await show(newest);
      if (newest.length === 0 && options.follow !== true)
        await context.stderr.write('The audit log has no such entry.\n');
      if (options.follow === true) await follow(context, server, { query, last: newest.at(-1)?.seq, show });
    });
}

async function follow(
  context: CliContext,
  server: Connection,
  parts: {
    readonly query: AuditQuery;
    readonly last: number | undefined;
    readonly show: (lines: readonly AuditLine[]) => Promise<void>;
  },
): Promise<void> {
  const over = AbortSignal.any([context.interrupted, context.stdout.closed]);
  let last = parts.last ?? 0;
  while (!over.aborted) {
    const lines = await server.audit.after(last, parts.query);
    await parts.show(lines);
    last = lines.at(-1)?.seq ?? last;
    if (lines.length === 0) await sleep(context.clock, everyMs, over).catch(() => {});
  }
}

async function verify(context: CliContext, server: Connection, isJson: boolean): Promise<void> {
  const found = await server.audit.verify();
  if (found.brokenAtSeq !== undefined) {
    if (isJson) await createPrinter(context, true).done(found, '');
    throw new CliError(`The audit log is not what was written: entry ${found.brokenAtSeq} does not fit.`, {
      advice: 'Somebody has changed or removed entries of it in the database. Compare it with a backup.',
    });
  }
  await createPrinter(context, isJson).done(
    found,
    found.entries === 0
      ? 'The audit log is empty.'
      : `The audit log is whole: ${found.entries} entries, up to ${found.lastSeq}.\nNote this elsewhere, to prove later that its end was not cut off: ${found.lastSeq} ${found.lastHash}`,
  );
}

function queryOf({ since, principal, action, denied, reads }: AuditOptions, nowMs: number): AuditQuery {
  return {
    sinceMs: since === undefined ? undefined : parseSince(since, nowMs),
    principal,
    action,
    kind: denied === true ? 'deny' : reads === true ? 'read' : undefined,
  };
}

function parseSince(text: string, nowMs: number): number {
  const ago = duration.schema.safeParse(text);
  if (ago.success) return Math.max(0, nowMs - ago.data);
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw usageError(
      `--since '${text}': expected how long ago, such as 24h, or a time such as 2026-11-01T08:00:00Z.`,
    );
  return Math.max(0, at);
}

/** Callers choose some of it: names of users, what they call. */
function formatLine(line: AuditLine): string {
  const { atMs, kind, principal, action, resource, reason, sourceIp, requestId, repeats = 0 } = line;
  const again = repeats > 0 ? `, and ${repeats} more like it` : '';
  const parts = [new Date(atMs).toISOString(), kind.padEnd(5), principal, action, resource];
  const from = [sourceIp, requestId].filter((part) => part !== undefined).join(' ');
  return `${escapeControl(`${parts.join(' ')} (${reason}${again}) ${from}`.trimEnd())}\n`;
}

function parseLines(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > 1_000) throw new InvalidArgumentError('expected a number from 1 to 1000.');
  return count;
}
