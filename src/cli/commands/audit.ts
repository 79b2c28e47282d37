import { type Command, InvalidArgumentError } from 'commander';
import { sleep } from '../../shared/clock.ts';
import { duration } from '../../shared/value-types.ts';
import type { CliContext } from '../cli-context.ts';
import { usageError } from '../cli-error.ts';
import { type AuditLine, auditPage, type AuditQuery } from '../client/audit-api.ts';
import { connect, type Connection } from '../client/connect.ts';
import { newCommand } from '../new-command.ts';
import { escapeControl } from '../output/escape-control.ts';
import { createPrinter } from '../output/printer.ts';
import { type NotedEnd, parseNoted, verifyAudit } from './audit-verification.ts';

interface AuditOptions {
  readonly since?: string;
  readonly until?: string;
  readonly principal?: string;
  readonly action?: string;
  readonly resource?: string;
  readonly changes?: boolean;
  readonly denied?: boolean;
  readonly reads?: boolean;
  readonly all?: boolean;
  readonly follow?: boolean;
  readonly lines?: number;
  readonly verify?: boolean;
  readonly noted: readonly NotedEnd[];
  readonly json?: boolean;
}

const everyMs = 1_000;
const usualLines = 100;

export function auditCommand(context: CliContext): Command {
  return newCommand(
    'audit',
    'The audit log: changes and who made them, what was refused, credentials that were read.',
    [
      'berth audit --since 24h --denied',
      'berth audit --principal ci --action DeleteAgentRuntime',
      'berth audit --all --since 2026-11-01 --until 2026-12-01 --json > november.jsonl',
      'berth audit --follow --json',
      'berth audit --verify',
    ],
  )
    .option(
      '--since <time>',
      'from then on: how long ago, such as 24h, or a time such as 2026-11-01T08:00:00Z',
    )
    .option('--until <time>', 'up to then, in the same form')
    .option('--principal <name>', "a key's name or id, or a principal as the log shows it")
    .option('--action <name>', "an operation's name, '*' standing for any characters")
    .option(
      '--resource <name>',
      "an ARN, a path or the end of it after a slash, such as a runtime's id, '*' standing for any characters",
    )
    .option('--changes', 'only what was allowed')
    .option('--denied', 'only what was refused, of unproven callers too')
    .option('--reads', 'only credentials that were read')
    .option('-n, --lines <count>', `the newest, at most 1000 (${usualLines} if not said)`, parseLines)
    .option('--all', 'all of them, the oldest first')
    .option('-f, --follow', 'go on as more is written, until Ctrl-C')
    .option('--verify', 'check that nothing of the log was changed or taken out')
    .option(
      '--noted <end>',
      'with --verify: what an earlier one printed, to be found again; may be given several times',
      (text: string, before: readonly NotedEnd[]) => [...before, parseNoted(text)],
      [] as readonly NotedEnd[],
    )
    .action(async (options: AuditOptions) => {
      refuseContradictions(options);
      const query = queryOf(options, context.clock.now());
      await using server = await connect(context);
      if (options.verify === true) {
        await verifyAudit(context, server, { noted: options.noted, isJson: options.json === true });
        return;
      }
      const show = async (lines: readonly AuditLine[]) => {
        for (const line of lines)
          await context.stdout.write(options.json === true ? `${JSON.stringify(line)}\n` : formatLine(line));
      };
      if (options.all === true || options.follow === true) {
        const newest =
          options.all === true ? [] : await server.audit.newest(query, options.lines ?? usualLines);
        await show(newest);
        await showRest(context, server, {
          query,
          last: newest.at(-1)?.seq ?? 0,
          show,
          isFollowed: options.follow,
        });
        return;
      }
      const newest = await server.audit.newest(query, options.lines ?? usualLines);
      if (options.json === true) return createPrinter(context, true).list(newest, [], '');
      await show(newest);
      if (newest.length === 0) await context.stderr.write('The audit log has no such entry.\n');
    });
}

function refuseContradictions(options: AuditOptions): void {
  const exclusive: readonly (readonly (keyof AuditOptions)[])[] = [
    ['changes', 'denied', 'reads'],
    ['all', 'lines'],
    ['follow', 'until'],
    ['follow', 'verify'],
    ['all', 'verify'],
  ];
  for (const names of exclusive) {
    const [first, second] = names.filter((name) => options[name] !== undefined);
    if (second !== undefined) throw usageError(`--${first} and --${second} exclude each other.`);
  }
  if (options.noted.length > 0 && options.verify !== true) throw usageError('--noted goes with --verify.');
}

/** Page by page, so that no more than one of them is in memory. */
async function showRest(
  context: CliContext,
  server: Connection,
  parts: {
    readonly query: AuditQuery;
    readonly last: number;
    readonly show: (lines: readonly AuditLine[]) => Promise<void>;
    readonly isFollowed: boolean | undefined;
  },
): Promise<void> {
  const over = AbortSignal.any([context.interrupted, context.stdout.closed]);
  let { last } = parts;
  while (!over.aborted) {
    const { entries: lines, upToSeq } = await server.audit.after(last, parts.query);
    await parts.show(lines);
    last = upToSeq ?? lines.at(-1)?.seq ?? last;
    if (lines.length >= auditPage) continue;
    if (parts.isFollowed !== true) return;
    if (lines.length === 0) await sleep(context.clock, everyMs, over).catch(() => {});
  }
}

function queryOf(options: AuditOptions, nowMs: number): AuditQuery {
  const { since, until, principal, action, resource } = options;
  return {
    sinceMs: since === undefined ? undefined : parseTime('--since', since, nowMs),
    untilMs: until === undefined ? undefined : parseTime('--until', until, nowMs),
    ...{ principal, action, resource },
    kind: kindOf(options),
  };
}

function kindOf({ changes, denied, reads }: AuditOptions): string | undefined {
  if (changes === true) return 'allow';
  if (denied === true) return 'deny,unproven';
  return reads === true ? 'read' : undefined;
}

function parseTime(flag: string, text: string, nowMs: number): number {
  const ago = duration.schema.safeParse(text);
  if (ago.success) return Math.max(0, nowMs - ago.data);
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw usageError(
      `${flag} '${text}': expected how long ago, such as 24h, or a time such as 2026-11-01T08:00:00Z.`,
    );
  return Math.max(0, at);
}

/** Callers choose some of it: names of users, what they call. */
function formatLine(line: AuditLine): string {
  const { atMs, kind, principal, action, resource, reason, sourceIp, requestId, repeats = 0 } = line;
  const again = repeats > 0 ? `, and ${repeats} more like it` : '';
  const parts = [new Date(atMs).toISOString(), kind.padEnd(8), principal, action, resource];
  const from = [sourceIp, requestId].filter((part) => part !== undefined).join(' ');
  return `${escapeControl(`${parts.join(' ')} (${reason}${again}) ${from}`.trimEnd())}\n`;
}

function parseLines(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > 1_000) throw new InvalidArgumentError('expected a number from 1 to 1000.');
  return count;
}
