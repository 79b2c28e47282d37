import type { Command } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import { randomText } from '../../shared/ids.ts';
import type { CliContext } from '../cli-context.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { newCommand } from '../new-command.ts';
import { createPrinter } from '../output/printer.ts';
import { createProgress, silentProgress } from '../output/progress.ts';
import { findServerProcess, type RunFile } from '../server-process/run-file.ts';
import { addServerOptions, flagArguments, homeOf } from '../server-process/server-options.ts';
import { sudoLine } from '../server-process/sudo-line.ts';
import { readUpgradeFailure, writeUpgradeRequest } from '../server-process/upgrade-files.ts';

const pollMs = 100;
const waitMs = 300_000;

export function upgradeCommand(context: CliContext): Command {
  const command = newCommand(
    'upgrade',
    'Replace the running server by the Berth that is installed now, or by one with other settings. No call fails.',
    ['sudo berth upgrade', 'sudo berth upgrade --log-level debug'],
  ).option('--new-settings', "take the BERTH_ variables of this command in place of the server's");
  return addServerOptions(command).action(async (options: { newSettings?: boolean; json?: boolean }) => {
    const printer = createPrinter(context, options.json === true);
    const home = homeOf(context.env, command);
    const flags = flagArguments(command);
    const own = options.newSettings === true ? ['--new-settings'] : [];
    const needRoot = () =>
      new CliError(`The server of ${home} belongs to root.`, {
        advice: `Run:  ${sudoLine(context.program, ['upgrade', ...flags, ...own], context.env)}`,
      });
    const server = await findServerProcess(home);
    if (server.state === 'unknown') throw needRoot();
    if (server.state === 'stopped') {
      throw new CliError(`No server is running on ${home}.`, {
        exitCode: exitCodes.unreachable,
        advice: "Start one with 'sudo berth up -d'.",
      });
    }
    if (context.uid !== 0) throw needRoot();
    await using progress = printer.isJson ? silentProgress : createProgress(context.stderr, context.clock);
    await progress.show(`Replacing the server (pid ${server.run.pid})`);
    const id = randomText(context.random, 20);
    const settings = options.newSettings === true ? berthVariables(context.env) : undefined;
    await writeUpgradeRequest(home, { id, flags, ...(settings && { settings }) });
    process.kill(server.run.pid, 'SIGHUP');
    const run = await waitForOther(server.run, { home, id, signal: context.interrupted });
    await progress[Symbol.asyncDispose]();
    await printer.done(
      { url: run.url, home, pid: run.pid, oldPid: server.run.pid },
      [
        `A new server (pid ${run.pid}) serves ${run.url}.`,
        `The old one (pid ${server.run.pid}) finishes the calls that it has, and ends.`,
      ].join('\n'),
    );
  });
}

async function waitForOther(
  old: RunFile,
  { home, id, signal }: { readonly home: string; readonly id: string; readonly signal: AbortSignal },
): Promise<RunFile> {
  for (let waitedMs = 0; waitedMs < waitMs; waitedMs += pollMs) {
    signal.throwIfAborted();
    const now = await findServerProcess(home);
    if (now.state === 'running' && now.run.pid !== old.pid) return now.run;
    const failure = await readUpgradeFailure(home);
    if (failure?.id === id) {
      throw new CliError(failure.reason);
    }
    await delay(pollMs);
  }
  throw new CliError(`No new server was ready within ${waitMs / 1000} s.`, {
    advice: `The log is ${home}/server.log.`,
  });
}

function berthVariables(env: CliContext['env']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      name.startsWith('BERTH_') && value !== undefined ? [[name, value]] : [],
    ),
  );
}
