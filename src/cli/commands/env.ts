import { Option, type Command } from 'commander';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { awsHostNames } from '../../shared/aws-host-names.ts';
import type { CliContext } from '../cli-context.ts';
import { CliError, usageError } from '../cli-error.ts';
import { findCredentials } from '../credentials/find-credentials.ts';
import type { ServerCredentials } from '../credentials/server-credentials.ts';
import { clientEnvironment, type ClientEnvironment } from '../environment/client-environment.ts';
import { formatExports, shells, type ShellName } from '../environment/format-exports.ts';
import { writeProfile } from '../environment/write-profile.ts';
import { newCommand } from '../new-command.ts';
import { createPrinter } from '../output/printer.ts';
import { readHostsEntries } from '../trust/hosts-block.ts';
import type { Outcome } from '../outcome.ts';

interface EnvOptions {
  readonly shell?: ShellName;
  readonly profile?: string;
  readonly json?: boolean;
}

export function envCommand(context: CliContext, outcome: Outcome): Command {
  return newCommand('env', 'Aim AWS SDKs, the aws CLI and the AgentCore SDKs at Berth.', [
    'eval "$(berth env)"',
    'berth env --shell fish | source',
    'berth env --shell dotenv > .env',
    'berth env -- python my_client.py',
    'berth env --profile berth && aws --profile berth bedrock-agentcore-control list-agent-runtimes',
  ])
    .usage('[options] [-- command...]')
    .argument(
      '[command...]',
      'run this command with the variables instead of printing them; its exit code is returned',
    )
    .addOption(new Option('--shell <name>', 'the form to print; otherwise by $SHELL').choices(shells))
    .option('--profile <name>', 'write an AWS profile of this name instead')
    .passThroughOptions()
    .action(async (command: string[], options: EnvOptions) => {
      const server = await findCredentials(context);
      const printer = createPrinter(context, options.json === true);
      const environment = clientEnvironment(server, context.env, await areNamesLed(server, context));
      if (options.profile !== undefined) {
        if (command.length > 0) throw usageError('Either write a profile or run a command, not both.');
        const files = await writeProfile(options.profile, server, context);
        return printer.done(
          { profile: options.profile, files },
          `AWS profile '${options.profile}' written to ${files.join(' and ')}.`,
        );
      }
      if (command.length > 0) {
        outcome.exitCode = await runWith(environment, command, context);
        return undefined;
      }
      if (printer.isJson) return context.stdout.write(`${JSON.stringify(environment, undefined, 2)}\n`);
      return context.stdout.write(formatExports(environment, options.shell ?? shellOf(context.env['SHELL'])));
    });
}

/** Whether SDKs that make their URLs themselves, without a port, reach this server. */
async function areNamesLed({ region, tls }: ServerCredentials, { hostsFile }: CliContext): Promise<boolean> {
  if (tls?.port !== 443) return false;
  const { dataPlane } = awsHostNames(region);
  try {
    return readHostsEntries(await readFile(hostsFile, 'utf8')).some(({ name }) => name === dataPlane);
  } catch {
    return false;
  }
}

function shellOf(path: string | undefined): ShellName {
  return path?.endsWith('/fish') === true ? 'fish' : 'bash';
}

async function runWith(
  environment: ClientEnvironment,
  command: readonly string[],
  context: CliContext,
): Promise<number> {
  const [program = '', ...args] = command;
  const env: Record<string, string | undefined> = { ...context.env, ...environment.set };
  for (const name of environment.unset) delete env[name];
  const child = spawn(program, args, { env, stdio: 'inherit' });
  using _terminal = context.lendTerminal(child);
  return await new Promise((resolve, reject) => {
    child.on('error', (error) => {
      reject(new CliError(`'${program}' cannot be run: ${error.message}`, { exitCode: 127, cause: error }));
    });
    child.on('close', (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
}
