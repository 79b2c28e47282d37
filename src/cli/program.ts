import { Command } from 'commander';
import type { CliContext } from './cli-context.ts';
import { auditCommand } from './commands/audit.ts';
import { completionCommand } from './commands/completion.ts';
import { deployCommand } from './commands/deploy.ts';
import { doctorCommand } from './commands/doctor.ts';
import { downCommand } from './commands/down.ts';
import { endpointsCommand } from './commands/endpoints.ts';
import { envCommand } from './commands/env.ts';
import { execCommand } from './commands/exec.ts';
import { identityCommand } from './commands/identity.ts';
import { imagesCommand } from './commands/images.ts';
import { invokeCommand } from './commands/invoke.ts';
import { keysCommand } from './commands/keys.ts';
import { kmsCommand } from './commands/kms.ts';
import { loginCommand } from './commands/login.ts';
import { logsCommand } from './commands/logs.ts';
import { registryCommand } from './commands/registry.ts';
import { runtimesCommand } from './commands/runtimes.ts';
import { serviceCommand } from './commands/service.ts';
import { sessionsCommand } from './commands/sessions.ts';
import { shellCommand } from './commands/shell.ts';
import { statusCommand } from './commands/status.ts';
import { tokenCommand } from './commands/token.ts';
import { topCommand } from './commands/top.ts';
import { trustCommand } from './commands/trust.ts';
import { upCommand } from './commands/up.ts';
import { upgradeCommand } from './commands/upgrade.ts';
import { vaultCommand } from './commands/vault.ts';
import { versionCommand } from './commands/version.ts';
import type { Outcome } from './outcome.ts';

const epilogue = `
First steps:
  sudo berth up -d                         start a server on this machine
  berth deploy oci:./my-agent              push an image and make a runtime of it
  berth invoke my_agent '{"prompt":"hi"}'  call it
  eval "$(berth env)"                      aim AWS SDKs and the aws CLI at Berth

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no server answers, 4 not allowed.
BERTH_ENDPOINT names another server than the one last logged in to.`;

/** The whole command line. Every command throws what goes wrong; `runCli` tells the user. */
export function createProgram(context: CliContext, outcome: Outcome): Command {
  const program = new Command('berth')
    .description(
      'Berth, a self-hosted Amazon Bedrock AgentCore: agents run in sandboxes on your own machine.',
    )
    .version(context.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', epilogue);
  // Options after the first argument of `env -- CMD` and the like belong to that command.
  program.enablePositionalOptions();
  program
    .addCommand(upCommand(context))
    .addCommand(upgradeCommand(context))
    .addCommand(downCommand(context))
    .addCommand(serviceCommand(context))
    .addCommand(statusCommand(context, outcome))
    .addCommand(doctorCommand(context, outcome))
    .addCommand(envCommand(context, outcome))
    .addCommand(trustCommand(context))
    .addCommand(loginCommand(context))
    .addCommand(keysCommand(context))
    .addCommand(auditCommand(context))
    .addCommand(tokenCommand(context))
    .addCommand(registryCommand(context))
    .addCommand(deployCommand(context))
    .addCommand(invokeCommand(context))
    .addCommand(execCommand(context, outcome))
    .addCommand(shellCommand(context, outcome))
    .addCommand(runtimesCommand(context))
    .addCommand(endpointsCommand(context))
    .addCommand(sessionsCommand(context))
    .addCommand(topCommand(context))
    .addCommand(logsCommand(context))
    .addCommand(imagesCommand(context))
    .addCommand(identityCommand(context))
    .addCommand(vaultCommand(context))
    .addCommand(kmsCommand(context))
    .addCommand(versionCommand(context))
    .addCommand(completionCommand(context, () => program));
  inherit(program, context);
  return program;
}

/** Makes the whole tree throw instead of exiting, and write where this context writes. */
function inherit(command: Command, context: CliContext): void {
  command
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError(`Run '${pathOf(command)} --help' for how to use it.`)
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'berth: ')),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  for (const child of command.commands) inherit(child, context);
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
