import { Option, type Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { usageError } from '../cli-error.ts';
import type { Key } from '../client/admin-api.ts';
import { connect } from '../client/connect.ts';
import { newCommand, newGroup } from '../new-command.ts';
import { formatAge } from '../output/format-time.ts';
import { createPrinter } from '../output/printer.ts';

export function keysCommand(context: CliContext): Command {
  return newGroup('keys', 'Access keys: who may call this server.', [
    'berth keys create --name ci --role deployer',
  ])
    .addCommand(createCommand(context))
    .addCommand(listCommand(context))
    .addCommand(revokeCommand(context));
}

function createCommand(context: CliContext): Command {
  return newCommand('create', 'Make an access key. Its secret is shown this once.', [
    'berth keys create --name laptop',
    'berth keys create --name web --role application',
    "berth keys create --name team-a --role deployer --runtime 'team_a_*'",
    'berth keys create --name shop --role invoker --tag team=shop',
  ])
    .option('--name <name>', 'what you call it', 'unnamed')
    .addOption(
      new Option(
        '--role <role>',
        "'admin' may do everything, 'deployer' what belongs to runtimes, images and identities, 'invoker' invoke runtimes and stop sessions, 'application' also name users and complete their consents, 'agent' get credentials for agents outside Berth",
      )
        .choices(['admin', 'deployer', 'application', 'agent', 'invoker'])
        .default('admin'),
    )
    .option(
      '--runtime <pattern>',
      "only for runtimes of this name, '*' standing for any characters; may be repeated",
      collect,
      [],
    )
    .option(
      '--tag <key=value>',
      'only for runtimes that have this tag; all of them when repeated',
      collect,
      [],
    )
    .action(async (options: NewKeyOptions) => {
      const { name, role, runtime: runtimes, tag } = options;
      const tags = readTags(tag);
      await using server = await connect(context);
      const key = await server.admin.createKey({
        name,
        role,
        ...(runtimes.length > 0 && { runtimes }),
        ...(tag.length > 0 && { tags }),
      });
      const printer = createPrinter(context, options.json === true);
      await printer.item(key, {
        'access key id': key.id,
        'secret access key': key.secret,
        role: key.role,
        name: key.name,
        'limited to': limitsOf(key),
      });
      await printer.note(
        "Keep the secret now: it is not shown again. 'berth login URL' takes both on another machine.",
      );
    });
}

interface NewKeyOptions {
  readonly name: string;
  readonly role: string;
  readonly runtime: readonly string[];
  readonly tag: readonly string[];
  readonly json?: boolean;
}

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

function readTags(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf('=');
      if (equals < 1) throw usageError(`--tag '${text}': expected KEY=VALUE, such as team=a.`);
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

function limitsOf({ runtimes = [], tags = {} }: Key): string | undefined {
  const parts = [...runtimes, ...Object.entries(tags).map(([key, value]) => `${key}=${value}`)];
  return parts.length === 0 ? undefined : parts.join(' ');
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
        ['LIMITED TO', limitsOf],
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
