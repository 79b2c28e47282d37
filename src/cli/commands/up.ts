import type { Command } from 'commander';
import { mkdir } from 'node:fs/promises';
import type { Config } from '../../config/config.ts';
import { messageOf } from '../../shared/errors.ts';
import { loadMasterKeys } from '../../config/secrets.ts';
import { settings } from '../../config/settings.ts';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { clientFilePath, saveServer } from '../credentials/client-file.ts';
import { homeCredentials } from '../credentials/find-credentials.ts';
import { findInvokingUser } from '../credentials/invoking-user.ts';
import type { ServerCredentials } from '../credentials/server-credentials.ts';
import { bashQuote } from '../environment/format-exports.ts';
import { newCommand } from '../new-command.ts';
import { createPrinter, type Printer } from '../output/printer.ts';
import { startDetached } from '../server-process/detach.ts';
import { notifySystemd } from '../server-process/notify-systemd.ts';
import type { HandedDown } from '../server-process/running-server.ts';
import { findServerProcess, removeRunFile, writeRunFile, type RunFile } from '../server-process/run-file.ts';
import { serveUntilEnded } from '../server-process/serve-until-ended.ts';
import { keepServerLogSmall } from '../server-process/server-log.ts';
import { addServerOptions, flagArguments, readConfig } from '../server-process/server-options.ts';
import { sudoLine } from '../server-process/sudo-line.ts';

export function upCommand(context: CliContext): Command {
  const command = newCommand('up', 'Start a server on this machine. It needs root, for sandboxes.', [
    'sudo berth up -d',
    'sudo berth up --listen 0.0.0.0:4700 --public-url http://agents.internal:4700',
  ]).option('-d, --detach', 'run in the background; wait until it is ready');
  return addServerOptions(command).action(async (options: { detach?: boolean; json?: boolean }) => {
    const printer = createPrinter(context, options.json === true);
    const { config, unknownVariables } = await readConfig(context, command);
    const args = ['up', ...flagArguments(command)];
    if (context.uid !== 0) {
      const again = [
        ...args,
        ...(options.detach === true ? ['--detach'] : []),
        ...(printer.isJson ? ['--json'] : []),
      ];
      throw new CliError('The server needs root to make sandboxes.', {
        advice: `Run:  ${sudoLine(context.program, again, context.env)}`,
      });
    }
    const handedDown = context.handedDown(config);
    if (handedDown.predecessor === undefined) await refuseSecond(config.home);
    for (const name of unknownVariables) {
      await printer.note(`warning: ${name} is not a setting of berth; docs/configuration.md lists them.`);
    }
    if (options.detach === true) await upInBackground(config, args, printer, context);
    else await upHere(config, { args, handedDown }, printer, context);
  });
}

async function upInBackground(
  config: Config,
  args: readonly string[],
  printer: Printer,
  context: CliContext,
): Promise<void> {
  const { home } = config;
  const run = await startDetached({
    program: context.program,
    args,
    env: context.env,
    home,
    signal: context.interrupted,
  });
  await announce(run, config, printer, context);
}

async function upHere(
  config: Config,
  { args, handedDown }: { readonly args: readonly string[]; readonly handedDown: HandedDown },
  printer: Printer,
  context: CliContext,
): Promise<void> {
  await mkdir(config.home, { recursive: true, mode: 0o700 });
  const masterKeys = await loadMasterKeys(config.home, context.env);
  using _log = await keepServerLogSmall(config.home, context.clock);
  const server = await context.startServer(config, { ...handedDown, masterKeys }).catch((error: unknown) => {
    handedDown.predecessor?.send({ type: 'failed', reason: messageOf(error) });
    throw error;
  });
  const { description, isolation, warnings } = server.engine;
  const run = {
    pid: process.pid,
    url: server.url,
    engine: description,
    isolation,
    warnings: [...warnings],
    startedAtMs: context.clock.now(),
  };
  try {
    await writeRunFile(config.home, run);
    await leaveClientFile(server.credentials, printer, context);
    await announce(run, config, printer, context);
    await notifySystemd(context.env);
    const { how, told } = await serveUntilEnded({ server, home: config.home, args, printer, context });
    if (how === 'interrupted') await printer.note(await farewell(server.countSandboxes(), context.program));
    else await printer.note(`Another server takes over; this one (pid ${process.pid}) finishes its calls.`);
    if (how === 'serving') await server.finishCalls(context.interrupted);
    await told();
  } finally {
    await server[Symbol.asyncDispose]();
    await removeRunFile(config.home, process.pid);
  }
}

/** A clearer word than the lock's, which stays the real guard. */
async function refuseSecond(home: string): Promise<void> {
  const server = await findServerProcess(home);
  if (server.state !== 'running') return;
  throw new CliError(
    `A Berth server (pid ${server.run.pid}) is already running on ${home}, at ${server.run.url}.`,
    {
      advice: "Stop it with 'sudo berth down', or give this one a directory of its own with --home.",
    },
  );
}

/** So that the rest of the CLI needs no root. */
async function leaveClientFile(
  credentials: ServerCredentials,
  printer: Printer,
  context: CliContext,
): Promise<void> {
  const user = await findInvokingUser(context.env);
  if (user === undefined) return;
  await saveServer(clientFilePath(user.home, context.env), credentials, user).catch(async (error: Error) => {
    await printer.note(`warning: no client file was left in ${user.home}: ${error.message}`);
  });
}

async function announce(
  run: Omit<RunFile, 'startTicks'>,
  config: Config,
  printer: Printer,
  context: CliContext,
): Promise<void> {
  const warnings = [...run.warnings, ...listenWarnings(config)];
  const isFoundWithoutHelp =
    config.home === settings.home.default || (await findInvokingUser(context.env)) !== undefined;
  const prefix = isFoundWithoutHelp ? '' : `BERTH_HOME=${bashQuote(config.home)} `;
  const next = `eval "$(${prefix}${bashQuote(context.program)} env)"`;
  const known = await homeCredentials(config.home);
  await printer.done(
    {
      url: run.url,
      pid: run.pid,
      home: config.home,
      engine: run.engine,
      isolation: run.isolation,
      tls: config.tls?.listen,
      warnings,
      accessKeyId: known?.accessKeyId,
    },
    [
      `Berth listens on ${run.url}`,
      `  engine     ${run.engine}`,
      `  isolation  ${run.isolation}`,
      ...(config.tls === undefined
        ? []
        : [`  tls        ${config.tls.listen.host} port ${config.tls.listen.port}; see berth trust`]),
      `  home       ${config.home}`,
      ...warnings.map((warning) => `warning: ${warning}`),
      '',
      'Aim your AWS SDK at it:',
      `  ${next}`,
    ].join('\n'),
  );
}

function listenWarnings(config: Config): string[] {
  return [...plainWarnings(config), ...tlsWarnings(config)];
}

function tlsWarnings({ tls }: Config): string[] {
  if (tls === undefined || tls.listen.port === 443) return [];
  return [
    `TLS is on port ${tls.listen.port}: URLs that SDKs make of AWS's host names have no port, and lead to 443.`,
  ];
}

function plainWarnings({ listen, publicUrl, isPublicUrlSet, tls }: Config): string[] {
  const isLoopback = /^(127\.|::1$|localhost$)/.test(listen.host);
  if (isLoopback || publicUrl.startsWith('https:')) return [];
  const advice =
    tls === undefined
      ? 'Put a TLS proxy in front and name it with --public-url, serve others with TLS (--tls), or listen on 127.0.0.1.'
      : 'Listen on 127.0.0.1, and serve others with TLS (--tls-listen).';
  const warnings = [
    `${listen.host} is not loopback and there is no TLS${tls === undefined ? '' : ' at it'}: whoever sits between can read requests and answers. ${advice}`,
  ];
  if (!isPublicUrlSet && /^(0\.0\.0\.0|::)$/.test(listen.host)) {
    warnings.push(
      `URLs in answers begin with ${publicUrl}, which other machines cannot reach. Say how they reach this server with --public-url.`,
    );
  }
  return warnings;
}

async function farewell(counting: Promise<number>, program: string): Promise<string> {
  const count = await counting.catch(() => undefined);
  if (count === 0) return 'Stopping. No sandbox is running.';
  const what = count === undefined ? 'Sandboxes' : count === 1 ? '1 sandbox' : `${count} sandboxes`;
  return [
    `Stopping. ${what} and their sessions go on; the next 'berth up' finds them again.`,
    `To end them too:  sudo ${bashQuote(program)} down --sessions`,
  ].join('\n');
}
