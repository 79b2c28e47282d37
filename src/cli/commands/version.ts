import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { newCommand } from '../new-command.ts';
import { createPrinter } from '../output/printer.ts';

export function versionCommand(context: CliContext): Command {
  return newCommand('version', 'Print the version of berth and of Node.', ['berth version --json']).action(
    async (options: { json?: boolean }) => {
      const versions = { berth: context.version, node: process.version };
      await createPrinter(context, options.json === true).item(versions, versions);
    },
  );
}
