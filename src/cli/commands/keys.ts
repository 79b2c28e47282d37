import { Option, type Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { connect } from '../client/connect.ts';
import { newCommand, newGroup } from '../new-command.ts';
import { formatAge } from '../output/format-time.ts';
import { createPrinter } from '../output/printer.ts';

export function keysCommand(context: CliContext): Command {
  return newGroup('keys', 'Access keys: who may call this server.', [
    'berth keys create --name ci --role invoke',
  ])
    .addCommand(createCommand(context))
    .addCommand(listCommand(context))
    .addCommand(revokeCommand(context));
}

function createCommand(context: CliContext): Command {
  return newCommand('create', 'Make an access key. Its secret is shown this once.', [
    'berth keys create --name laptop',
    'berth keys create --name web --role invoke',
  ])
    .option('--name <name>', 'what you call it', 'unnamed')
    .addOption(
      new Option(
        '--role <role>',
        "'admin' may do everything, 'invoke' may only invoke runtimes and stop sessions",
      )
        .choices(['admin', 'invoke'])
        .default('admin'),
    )
    .action(async (options: { name: string; role: string; json?: boolean }) => {
      await using server = await connect(context);
      const key = await server.admin.createKey(options.name, options.role);
      const printer = createPrinter(context, options.json === true);
      await printer.item(key, {
        'access key id': key.id,
        'secret access key': key.secret,
        role: key.role,
        name: key.name,
      });
      await printer.note(
        "Keep the secret now: it is not shown again. 'berth login URL' takes both on another machine.",
      );
    });
}

function listCommand(context: CliContext): Command {
  return newCommand('list', 'List access keys, without their secrets.', [
    'berth keys list',
    'berth keys list --json',
  ]).action(async (options: { json?: boolean }) => {
    await using server = await connect(context);
    const now = context.clock.now();
    await createPrinter(context, options.json === true).list(
      await server.admin.keys(),
      [
        ['ACCESS KEY ID', (key) => key.id],
        ['NAME', (key) => key.name],
        ['ROLE', (key) => key.role],
        ['STATUS', (key) => (key.revokedAtMs === undefined ? 'active' : 'revoked')],
        ['AGE', (key) => formatAge(now, key.createdAtMs)],
      ],
      'There are no access keys.',
    );
  });
}

function revokeCommand(context: CliContext): Command {
  return newCommand('revoke', 'Make an access key useless, at once and for good.', [
    'berth keys revoke AKIAEXAMPLEEXAMPLE12',
  ])
    .argument('<access-key-id>', 'its id, as berth keys list shows it')
    .action(async (id: string, options: { json?: boolean }) => {
      await using server = await connect(context);
      await server.admin.revokeKey(id);
      await createPrinter(context, options.json === true).done(
        { revoked: id },
        `Access key ${id} is revoked.`,
      );
    });
}
