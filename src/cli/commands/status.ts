import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import type { ServerStatus } from '../client/admin-api.ts';
import { ApiError } from '../client/api-error.ts';
import { connectTo } from '../client/connect.ts';
import { findCredentials, homeCredentials } from '../credentials/find-credentials.ts';
import type { ServerCredentials } from '../credentials/server-credentials.ts';
import { newCommand } from '../new-command.ts';
import { formatAge } from '../output/format-time.ts';
import { createPrinter } from '../output/printer.ts';
import type { Outcome } from '../outcome.ts';
import { serverLogPath } from '../server-process/server-log.ts';
import { sudoLine } from '../server-process/sudo-line.ts';
import { findServerProcess } from '../server-process/run-file.ts';
import { addServerOptions, homeOf } from '../server-process/server-options.ts';

/** Undefined when nobody answers; `denied` when the server is there but this key may not ask it. */
type Answer = ServerStatus | 'denied' | undefined;

export function statusCommand(context: CliContext, outcome: Outcome): Command {
  const command = newCommand(
    'status',
    'Show whether the server runs, where, and on what. Exit code 3 when it does not.',
    ['berth status', 'berth status --json'],
  );
  return addServerOptions(command, ['home']).action(async (options: { json?: boolean }) => {
    const printer = createPrinter(context, options.json === true);
    const home = homeOf(context.env, command);
    const isHomeGiven = command.getOptionValueSource('home') === 'cli';
    // A home that is named is the one that is meant, never another server that this user has logged in to.
    const credentials = await (isHomeGiven ? homeCredentials(home) : findCredentials(context)).catch(
      ignoreMissing,
    );
    const answer = credentials === undefined ? undefined : await ask(credentials);
    const local = await findServerProcess(home);
    const run =
      local.state === 'running' &&
      (isHomeGiven || credentials === undefined || local.run.url === credentials.url)
        ? local.run
        : undefined;

    if (answer === undefined && local.state === 'unknown') {
      throw new CliError(`The server of ${home} belongs to root.`, {
        advice: `Run:  ${sudoLine(context.program, ['status', '--home', home], context.env)}`,
        exitCode: exitCodes.denied,
      });
    }
    if (answer === undefined) {
      outcome.exitCode = exitCodes.unreachable;
      const state = run === undefined ? 'down' : 'not answering';
      const next =
        run === undefined
          ? "Start it with 'sudo berth up -d'."
          : `Its process ${run.pid} is there; the log is in ${serverLogPath(home)}.`;
      await printer.item(
        { state, url: credentials?.url, home, pid: run?.pid },
        { state, url: credentials?.url, home, pid: run?.pid },
      );
      return printer.note(next);
    }
    const status = answer === 'denied' ? undefined : answer;
    const { warnings = [] } = status?.engine ?? {};
    await printer.item(
      { state: 'up', url: credentials?.url, pid: run?.pid, ...status },
      {
        state: 'up',
        url: credentials?.url,
        version: status?.version,
        since: formatAge(context.clock.now(), status?.startedAtMs),
        engine: status?.engine?.description ?? run?.engine,
        isolation: status?.engine?.isolation ?? run?.isolation,
        region: status?.region,
        account: status?.accountId,
        runtimes: status?.runtimes,
        'live sessions': status?.liveSessions,
        'image disk': status?.imageStore && describeDisk(status.imageStore),
        pid: run?.pid,
        home: run === undefined ? undefined : home,
      },
    );
    for (const warning of warnings) await printer.note(`warning: ${warning}`);
    return undefined;
  });
}

function describeDisk({ usedPercent, high, low }: NonNullable<ServerStatus['imageStore']>): string {
  return `${usedPercent}% in use; unused images go from ${high}% down to ${low}%`;
}

async function ask(credentials: ServerCredentials): Promise<Answer> {
  await using server = connectTo(credentials);
  try {
    return await server.admin.server();
  } catch (error) {
    if (error instanceof CliError && error.exitCode === exitCodes.unreachable) return undefined;
    if (error instanceof ApiError && error.type === 'AccessDeniedException') return 'denied';
    throw error;
  }
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof CliError && error.exitCode === exitCodes.denied) return undefined;
  throw error;
}
