import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { connect } from '../client/connect.ts';
import { newCommand, newGroup } from '../new-command.ts';
import { formatAge } from '../output/format-time.ts';
import { createPrinter } from '../output/printer.ts';
import { givenSecret, type SecretOptions, withSecretOptions } from './given-secret.ts';

const secret = { member: 'apiKey', question: 'API key' };

interface Options extends SecretOptions {
  readonly json?: boolean;
}

export function apiKeyCommand(context: CliContext): Command {
  return newGroup('api-key', 'API keys of other services.', [
    'berth identity api-key create weather < key.txt',
    'berth identity api-key list',
  ])
    .addCommand(createCommand(context))
    .addCommand(listCommand(context))
    .addCommand(updateCommand(context))
    .addCommand(deleteCommand(context));
}

function createCommand(context: CliContext): Command {
  const command = newCommand(
    'create',
    'Keep an API key, sealed. It is asked for, or read from standard input.',
    [
      'berth identity api-key create weather',
      'berth identity api-key create weather < key.txt',
      'berth identity api-key create weather --secret-id weather --json-key api_key',
    ],
  ).argument('<name>', 'what agents call it');
  return withSecretOptions(command).action(async (name: string, options: Options) => {
    const given = await givenSecret(context, options, secret);
    await using server = await connect(context);
    const made = await server.identity.createApiKey({ name, ...given });
    await createPrinter(context, options.json === true).done(made, `Agents may use the API key ${name}.`);
  });
}

function listCommand(context: CliContext): Command {
  return newCommand('list', 'List API keys, without the keys themselves.', [
    'berth identity api-key list',
    'berth identity api-key list --json',
  ]).action(async (options: { json?: boolean }) => {
    await using server = await connect(context);
    const now = context.clock.now();
    await createPrinter(context, options.json === true).list(
      await server.identity.apiKeys(),
      [
        ['NAME', (provider) => provider.name],
        ['AGE', (provider) => formatAge(now, provider.createdTime * 1000)],
        ['CHANGED', (provider) => formatAge(now, provider.lastUpdatedTime * 1000)],
      ],
      'There are no API keys.',
    );
  });
}

function updateCommand(context: CliContext): Command {
  const command = newCommand('update', 'Replace an API key. Agents get the new one from then on.', [
    'berth identity api-key update weather < new-key.txt',
  ]).argument('<name>', 'what agents call it');
  return withSecretOptions(command).action(async (name: string, options: Options) => {
    const given = await givenSecret(context, options, secret);
    await using server = await connect(context);
    const changed = await server.identity.updateApiKey({ name, ...given });
    await createPrinter(context, options.json === true).done(changed, `The API key ${name} is replaced.`);
  });
}

function deleteCommand(context: CliContext): Command {
  return newCommand('delete', 'Delete an API key. No agent gets it any more.', [
    'berth identity api-key delete weather',
  ])
    .argument('<name>', 'what agents call it')
    .action(async (name: string, options: { json?: boolean }) => {
      await using server = await connect(context);
      await server.identity.deleteApiKey(name);
      await createPrinter(context, options.json === true).done(
        { deleted: name },
        `The API key ${name} is gone.`,
      );
    });
}
