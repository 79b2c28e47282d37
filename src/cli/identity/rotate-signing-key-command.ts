import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { connect } from '../client/connect.ts';
import { newCommand } from '../new-command.ts';
import { createPrinter } from '../output/printer.ts';

export function rotateSigningKeyCommand(context: CliContext): Command {
  return newCommand(
    'rotate-signing-key',
    'Sign workload tokens with a new key. Those that are out stay good for as long as they live.',
    ['berth identity rotate-signing-key'],
  ).action(async (options: { json?: boolean }) => {
    await using server = await connect(context);
    const keyId = await server.admin.rotateSigningKey();
    await createPrinter(context, options.json === true).done(
      { keyId },
      `Workload tokens are signed with the key ${keyId} from now on.`,
    );
  });
}
