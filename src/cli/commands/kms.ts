import { Option, type Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { connect } from '../client/connect.ts';
import type { KmsKey } from '../client/vault-answers.ts';
import { newCommand, newGroup } from '../new-command.ts';
import { formatAge } from '../output/format-time.ts';
import { createPrinter } from '../output/printer.ts';

const specs = ['symmetric', 'rsa-2048', 'rsa-3072', 'rsa-4096', 'ec-p256'];

export function kmsCommand(context: CliContext): Command {
  return newGroup('kms', "Keys of the server's own key ring, where AWS wants the ARN of a KMS key.", [
    'berth kms create --spec rsa-2048 --description "client assertions for example.com"',
    'berth kms list',
  ])
    .addCommand(createCommand(context))
    .addCommand(listCommand(context))
    .addCommand(showCommand(context))
    .addCommand(deleteCommand(context));
}

function createCommand(context: CliContext): Command {
  return newCommand('create', 'Make a key. Its private part never leaves the server.', [
    'berth kms create',
    'berth kms create --spec ec-p256 --description "client assertions"',
  ])
    .addOption(
      new Option('--spec <kind>', "'symmetric' protects the token vault, the others sign")
        .choices(specs)
        .default('symmetric'),
    )
    .option('--description <text>', 'what it is for')
    .action(async (options: { spec: string; description?: string; json?: boolean }) => {
      await using server = await connect(context);
      const key = await server.admin.createKmsKey(options.spec, options.description);
      const printer = createPrinter(context, options.json === true);
      await printer.done(key, key.arn);
      if (key.publicKey !== undefined)
        await printer.note("'berth kms show' prints the public key, for those who verify its signatures.");
    });
}

function listCommand(context: CliContext): Command {
  return newCommand('list', 'List the keys.', ['berth kms list', 'berth kms list --json']).action(
    async (options: { json?: boolean }) => {
      await using server = await connect(context);
      const now = context.clock.now();
      await createPrinter(context, options.json === true).list<KmsKey>(
        await server.admin.kmsKeys(),
        [
          ['ARN', (key) => key.arn],
          ['SPEC', (key) => key.spec],
          ['AGE', (key) => formatAge(now, key.createdAtMs)],
          ['DESCRIPTION', (key) => key.description],
        ],
        "There are no keys: 'berth kms create' makes one.",
      );
    },
  );
}

function showCommand(context: CliContext): Command {
  return newCommand(
    'show',
    'Print the public key as a JWK, to be registered where its signatures are verified.',
    ['berth kms show 01234567-89ab-4cde-8f01-23456789abcd'],
  )
    .argument('<key>', 'its ARN or id, as berth kms list shows it')
    .action(async (name: string, options: { json?: boolean }) => {
      await using server = await connect(context);
      const key = await server.admin.kmsKey(name);
      const printer = createPrinter(context, options.json === true);
      if (key.publicKey !== undefined) return printer.done(key, JSON.stringify(key.publicKey, undefined, 2));
      return printer.item(key, {
        arn: key.arn,
        spec: key.spec,
        description: key.description,
        'public key': 'none: a symmetric key has no public part',
      });
    });
}

function deleteCommand(context: CliContext): Command {
  return newCommand('delete', 'Delete a key for good. One that is in use is not deleted.', [
    'berth kms delete 01234567-89ab-4cde-8f01-23456789abcd',
  ])
    .argument('<key>', 'its ARN or id, as berth kms list shows it')
    .action(async (name: string, options: { json?: boolean }) => {
      await using server = await connect(context);
      await server.admin.deleteKmsKey(name);
      await createPrinter(context, options.json === true).done({ deleted: name }, `Key ${name} is deleted.`);
    });
}
