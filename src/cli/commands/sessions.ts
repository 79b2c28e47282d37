import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import type { SessionDetails } from '../client/admin-api.ts';
import { connect, type Connection } from '../client/connect.ts';
import { newCommand, newGroup } from '../new-command.ts';
import { formatAge } from '../output/format-time.ts';
import { createPrinter } from '../output/printer.ts';
import { sessionStorageCommand } from './session-storage.ts';

export function sessionsCommand(context: CliContext): Command {
  return newGroup('sessions', 'Conversations and the sandboxes they run in.', [
    'berth sessions list hello_node',
    'berth sessions stop hello_node --all',
  ])
    .addCommand(listCommand(context))
    .addCommand(showCommand(context))
    .addCommand(stopCommand(context))
    .addCommand(sessionStorageCommand(context));
}

function listCommand(context: CliContext): Command {
  return newCommand('list', 'List live sessions.', [
    'berth sessions list',
    'berth sessions list hello_node --all',
  ])
    .argument('[runtime]', 'only those of this runtime')
    .option('-a, --all', 'also those that ended')
    .action(async (runtime: string | undefined, options: { all?: boolean; json?: boolean }) => {
      await using server = await connect(context);
      const sessions = await sessionsOf(server, runtime, options.all === true);
      const now = context.clock.now();
      await createPrinter(context, options.json === true).list(
        sessions,
        [
          ['SESSION', (session) => session.id],
          ['RUNTIME', (session) => session.runtimeName ?? session.runtimeId],
          ['ENDPOINT', (session) => session.endpoint],
          ['VERSION', (session) => session.version],
          ['STATE', stateOf],
          ['STARTED', (session) => formatAge(now, session.startedAtMs)],
          ['LAST USED', (session) => formatAge(now, session.lastActivityAtMs)],
        ],
        'There are no live sessions.',
      );
    });
}

function showCommand(context: CliContext): Command {
  return newCommand('show', 'Show one session.', ['berth sessions show hello_node 0b4ce1f2'])
    .argument('<runtime>', 'name, id or ARN')
    .argument('<session>', 'its id, or the beginning of it')
    .action(async (runtime: string, reference: string, options: { json?: boolean }) => {
      await using server = await connect(context);
      const session = pick(await sessionsOf(server, runtime, true), reference, runtime);
      await createPrinter(context, options.json === true).item(session, {
        session: session.id,
        runtime: session.runtimeName ?? session.runtimeId,
        endpoint: session.endpoint,
        version: session.version,
        state: stateOf(session),
        sandbox: session.sandboxId ?? undefined,
        starts: session.incarnation,
        started: isoTime(session.startedAtMs),
        'last used': isoTime(session.lastActivityAtMs),
        ended: isoTime(session.endedAtMs),
      });
    });
}

function stopCommand(context: CliContext): Command {
  return newCommand(
    'stop',
    'End sessions: memory and files of their sandboxes are gone, their storage is kept.',
    ['berth sessions stop hello_node 0b4ce1f2', 'berth sessions stop hello_node --all'],
  )
    .argument('<runtime>', 'name, id or ARN')
    .argument('[session]', 'its id, or the beginning of it')
    .option('-a, --all', 'every live session of the runtime')
    .action(
      async (runtime: string, reference: string | undefined, options: { all?: boolean; json?: boolean }) => {
        if ((reference === undefined) !== (options.all === true)) {
          throw new CliError('Name one session, or give --all.', { exitCode: 2 });
        }
        await using server = await connect(context);
        const live = await sessionsOf(server, runtime, false);
        const chosen = reference === undefined ? live : [pick(live, reference, runtime)];
        for (const session of chosen) await server.admin.stopSession(session.runtimeId, session.id);
        const ids = chosen.map((session) => session.id);
        await createPrinter(context, options.json === true).done(
          { stopped: ids },
          ids.length === 1 ? `Session ${ids[0] ?? ''} is stopped.` : `${ids.length} sessions are stopped.`,
        );
      },
    );
}

async function sessionsOf(
  server: Connection,
  runtime: string | undefined,
  all: boolean,
): Promise<SessionDetails[]> {
  const runtimeId = runtime === undefined ? undefined : (await server.findRuntime(runtime)).id;
  return server.admin.sessions({ runtimeId, all });
}

function pick(sessions: readonly SessionDetails[], reference: string, runtime: string): SessionDetails {
  const exact = sessions.find((session) => session.id === reference);
  const matches = sessions.filter((session) => session.id.startsWith(reference));
  const found = exact ?? matches[0];
  if (found === undefined) {
    throw new CliError(`There is no session '${reference}' of ${runtime}.`, {
      advice: `'berth sessions list ${runtime} --all' shows those there are and were.`,
    });
  }
  if (exact === undefined && matches.length > 1) {
    throw new CliError(`'${reference}' begins the id of ${matches.length} sessions: give more of it.`);
  }
  return found;
}

function stateOf(session: SessionDetails): string {
  if (session.isFrozen === true) return `${session.state} (frozen)`;
  return session.endReason === null || session.endReason === undefined
    ? session.state
    : `${session.state} (${session.endReason})`;
}

function isoTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
