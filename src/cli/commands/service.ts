import { InvalidArgumentError, Option, type Command } from 'commander';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { newCommand, newGroup } from '../new-command.ts';
import { createPrinter } from '../output/printer.ts';
import { findServerProcess } from '../server-process/run-file.ts';
import { addServerOptions, flagArguments, homeOf, readConfig } from '../server-process/server-options.ts';
import { sudoLine } from '../server-process/sudo-line.ts';
import { requireSystemd, systemctl } from '../service/systemd.ts';
import { unitFile } from '../service/unit-file.ts';

interface ServiceOptions {
  readonly name: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const environmentFileText = `# Settings of the Berth service, one VARIABLE=value a line; docs/configuration.md lists them.
# 'systemctl reload berth' takes them over without a call that fails.
`;

export function serviceCommand(context: CliContext): Command {
  return newGroup('service', 'Run the server as a service of systemd.', [
    'sudo berth service install',
    'sudo systemctl reload berth',
  ])
    .addCommand(installCommand(context))
    .addCommand(uninstallCommand(context))
    .addCommand(statusCommand(context));
}

function installCommand(context: CliContext): Command {
  const command = newCommand('install', 'Write the unit, and start the server now and with the machine.', [
    'sudo berth service install --listen 0.0.0.0:4700 --tls',
    'berth service install --dry-run',
  ])
    .option('--dry-run', 'print the unit and do nothing')
    .addOption(nameOption());
  return addServerOptions(command).action(async (options: ServiceOptions) => {
    const printer = createPrinter(context, options.json === true);
    const { config } = await readConfig(context, command);
    const { home } = config;
    const given = flagArguments(command);
    const flags = given.includes('--home') ? given : ['--home', home, ...given];
    const { environmentFile } = context.systemd;
    const { program } = context;
    const unit = unitFile({ program, flags, home, environmentFile, stopLimitMs: config.drainTimeoutMs });
    const path = unitPath(context, options.name);
    if (options.dryRun === true) return printer.done({ path, unit }, unit.trimEnd());
    await requireRoot(context, ['service', 'install', '--name', options.name, ...given]);
    const server = await findServerProcess(home);
    if (server.state === 'running') {
      throw new CliError(
        `A server (pid ${server.run.pid}) runs on ${home} already, and not as this service.`,
        {
          advice:
            "Stop it with 'sudo berth down' first: its sandboxes and sessions go on, and the service finds them.",
        },
      );
    }
    await keepEnvironmentFile(environmentFile);
    await writeFile(path, unit, { mode: 0o644 });
    await systemctl('daemon-reload');
    await systemctl('enable', '--now', `${options.name}.service`);
    return printer.done(
      { path, environmentFile, home },
      [
        `The service ${options.name} runs, now and whenever this machine starts.`,
        `  unit      ${path}`,
        `  settings  ${environmentFile}; 'systemctl reload ${options.name}' takes them over, and a new Berth, too`,
        `  log       journalctl -u ${options.name}`,
        'Sandboxes outlive a restart of it, and its end. To end them, too: sudo berth down --sessions',
      ].join('\n'),
    );
  });
}

function uninstallCommand(context: CliContext): Command {
  const command = newCommand(
    'uninstall',
    'Stop the service and remove its unit. Home, settings and sandboxes stay.',
    ['sudo berth down --sessions && sudo berth service uninstall'],
  ).addOption(nameOption());
  return command.action(async (options: ServiceOptions) => {
    const printer = createPrinter(context, options.json === true);
    const path = unitPath(context, options.name);
    await requireRoot(context, ['service', 'uninstall', '--name', options.name]);
    await requireUnit(path);
    await systemctl('disable', '--now', `${options.name}.service`);
    await rm(path, { force: true });
    await systemctl('daemon-reload');
    await printer.done(
      { path },
      [
        `The service ${options.name} is stopped and removed.`,
        'Sandboxes and sessions that it had go on. To end them, too: sudo berth down --sessions',
      ].join('\n'),
    );
  });
}

function statusCommand(context: CliContext): Command {
  const command = newCommand(
    'status',
    'Show whether the service is installed, and what systemd says of it.',
    ['berth service status'],
  ).addOption(nameOption());
  return addServerOptions(command, ['home']).action(async (options: ServiceOptions) => {
    const printer = createPrinter(context, options.json === true);
    await requireSystemd(context.systemd);
    const properties = ['LoadState', 'ActiveState', 'SubState', 'UnitFileState', 'MainPID', 'NRestarts'];
    const told = await systemctl('show', `${options.name}.service`, `--property=${properties.join(',')}`);
    const values = new Map(
      told.split('\n').map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]),
    );
    const server = await findServerProcess(homeOf(context.env, command));
    const status = {
      isInstalled: values.get('LoadState') === 'loaded',
      state: `${values.get('ActiveState')} (${values.get('SubState')})`,
      startsWithMachine: values.get('UnitFileState') === 'enabled',
      pid: Number(values.get('MainPID') ?? 0) || undefined,
      restarts: Number(values.get('NRestarts') ?? 0),
      serverPid: server.state === 'running' ? server.run.pid : undefined,
    };
    await printer.done(
      status,
      status.isInstalled
        ? [
            `The service ${options.name} is ${status.state}.`,
            `  starts with the machine  ${status.startsWithMachine ? 'yes' : 'no'}`,
            `  pid                      ${status.pid ?? '-'}`,
            `  restarted                ${status.restarts} times`,
          ].join('\n')
        : `There is no service ${options.name}. Make one with 'sudo berth service install'.`,
    );
  });
}

function nameOption(): Option {
  return new Option('--name <unit>', 'name of the unit, for a second server on this machine')
    .default('berth')
    .argParser((name: string) => {
      if (!/^[A-Za-z0-9_.@-]{1,100}$/.test(name))
        throw new InvalidArgumentError('expected letters, digits and _ . @ -');
      return name;
    });
}

function unitPath({ systemd }: CliContext, name: string): string {
  return join(systemd.unitFolder, `${name}.service`);
}

async function requireRoot(context: CliContext, args: readonly string[]): Promise<void> {
  await requireSystemd(context.systemd);
  if (context.uid === 0) return;
  throw new CliError('Services belong to root.', {
    advice: `Run:  ${sudoLine(context.program, args, context.env)}`,
  });
}

async function requireUnit(path: string): Promise<void> {
  await access(path).catch(() => {
    throw new CliError(`There is no unit ${path}.`);
  });
}

async function keepEnvironmentFile(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await writeFile(path, environmentFileText, { mode: 0o600, flag: 'wx' }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
}
