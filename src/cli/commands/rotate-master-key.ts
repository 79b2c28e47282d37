import type { Command } from 'commander';
import { replaceMasterKey } from '../../config/secrets.ts';
import { BerthError } from '../../shared/errors.ts';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { newCommand } from '../new-command.ts';
import { createPrinter } from '../output/printer.ts';
import { addServerOptions, flagArguments, homeOf } from '../server-process/server-options.ts';
import { sudoLine } from '../server-process/sudo-line.ts';

const byVariable =
  'Set BERTH_MASTER_KEY to a new key (openssl rand -base64 32), BERTH_PREVIOUS_MASTER_KEY to the old one, and restart the server.';

export function rotateMasterKeyCommand(context: CliContext): Command {
  const command = newCommand(
    'rotate-master-key',
    'Make a new master key. The next server takes it; sandboxes and sessions stay.',
    ['sudo berth vault rotate-master-key && sudo berth upgrade'],
  );
  return addServerOptions(command, ['home']).action(async (options: { json?: boolean }) => {
    const home = homeOf(context.env, command);
    if ((context.env['BERTH_MASTER_KEY'] ?? '') !== '')
      throw new CliError('The master key is in BERTH_MASTER_KEY, which only you can change.', {
        advice: byVariable,
      });
    const replaced = await replaceMasterKey(home).catch((error: unknown) => {
      throw explained(
        error,
        sudoLine(context.program, ['vault', 'rotate-master-key', ...flagArguments(command)], context.env),
      );
    });
    await createPrinter(context, options.json === true).done(
      replaced,
      `A new master key is in ${replaced.path}; 'berth upgrade' or a restart lets the server take it. Then move ${replaced.previousPath} to where backups from before are kept.`,
    );
  });
}

function explained(error: unknown, again: string): unknown {
  if (error instanceof BerthError && error.code === 'not-found')
    return new CliError(error.message, {
      advice: `A first 'berth up' makes it, unless the key is in the server's environment. ${byVariable}`,
    });
  if (error instanceof BerthError && error.code === 'conflict')
    return new CliError(error.message, {
      advice:
        "Once a server has been started with the new key, move that file to where backups from before are kept. 'berth status' tells since when it runs.",
    });
  if (error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM'))
    return new CliError('The master key belongs to root.', { advice: `Run:  ${again}` });
  return error;
}
