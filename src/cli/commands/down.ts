import type { Command } from 'commander';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { loadMasterKeys } from '../../config/secrets.ts';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { connectTo } from '../client/connect.ts';
import { homeCredentials } from '../credentials/find-credentials.ts';
import { newCommand } from '../new-command.ts';
import { createPrinter } from '../output/printer.ts';
import { createProgress, silentProgress } from '../output/progress.ts';
import { endSessions } from '../server-process/end-sessions.ts';
import { findServerProcess, type RunFile } from '../server-process/run-file.ts';
import { addServerOptions, flagArguments, homeOf, readConfig } from '../server-process/server-options.ts';
import { sudoLine } from '../server-process/sudo-line.ts';

const pollMs = 100;
const waitMs = 120_000;

export function downCommand(context: CliContext): Command {
  const command = newCommand(
    'down',
    'Stop the server of this machine. Sandboxes go on and are found again by the next one.',
    ['sudo berth down', 'sudo berth down --sessions'],
  ).option('--sessions', 'end all sessions first, so that no sandbox is left');
  return addServerOptions(command, ['home']).action(
    async (options: { sessions?: boolean; json?: boolean }) => {
      const printer = createPrinter(context, options.json === true);
      const home = homeOf(context.env, command);
      const args = ['down', ...flagArguments(command), ...(options.sessions === true ? ['--sessions'] : [])];
      const needRoot = () =>
        new CliError(`The server of ${home} belongs to root.`, {
          advice: `Run:  ${sudoLine(context.program, args, context.env)}`,
        });
      const server = await findServerProcess(home);
      if (server.state === 'unknown') throw needRoot();
      await using progress = printer.isJson ? silentProgress : createProgress(context.stderr, context.clock);

      let endedSessions: number | undefined;
      if (options.sessions === true) {
        await progress.show('Ending sessions');
        if (server.state === 'stopped' && context.uid !== 0) throw needRoot();
        endedSessions =
          server.state === 'running'
            ? await endHere(home, server.run.url)
            : await endWithoutServer(command, context);
      }
      if (server.state === 'running') {
        await progress.show(`Stopping the server (pid ${server.run.pid})`);
        await stop(server.run, home, needRoot);
      }
      await progress[Symbol.asyncDispose]();
      const ended = endedSessions === undefined ? '' : ` Sessions ended: ${endedSessions}.`;
      await printer.done(
        { home, wasRunning: server.state === 'running', endedSessions },
        server.state === 'running'
          ? `The server of ${home} is stopped.${ended}`
          : `No server was running on ${home}.${ended}`,
      );
    },
  );
}

async function endHere(home: string, url: string): Promise<number> {
  const credentials = await homeCredentials(home);
  if (credentials === undefined)
    throw new CliError(`${home}/credentials is missing: sessions cannot be ended without it.`);
  await using server = connectTo({ ...credentials, url });
  return await endSessions(server);
}

/** Sandboxes outlive their server; only a server can end their sessions properly, so one is started for just that. */
async function endWithoutServer(command: Command, context: CliContext): Promise<number> {
  const { config } = await readConfig(context, command);
  const masterKeys = await loadMasterKeys(config.home, context.env);
  const listen = { host: '127.0.0.1', port: await findFreePort() };
  await using server = await context.startServer({ ...config, listen, tls: undefined }, { masterKeys });
  await using connection = connectTo({ ...server.credentials, url: `http://127.0.0.1:${listen.port}` });
  return await endSessions(connection);
}

async function stop(run: RunFile, home: string, needRoot: () => CliError): Promise<void> {
  try {
    process.kill(run.pid, 'SIGTERM');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EPERM') throw needRoot();
    // It ended between the look and the signal.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
  for (let waitedMs = 0; waitedMs < waitMs; waitedMs += pollMs) {
    const now = await findServerProcess(home);
    if (now.state !== 'running' || now.run.pid !== run.pid) return;
    await delay(pollMs);
  }
  throw new CliError(
    `The server (pid ${run.pid}) is still finishing running calls after ${waitMs / 1000} s.`,
    {
      advice: `Wait, or end it hard with 'kill -9 ${run.pid}': sandboxes and sessions survive that.`,
    },
  );
}

/** Its settings need a port before it listens, so 0 will not do. */
async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('the probe has no port');
  return address.port;
}
