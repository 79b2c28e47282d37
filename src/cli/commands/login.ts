import type { Command } from 'commander';
import { parseConfigValue } from '../../config/parse-config.ts';
import { messageOf } from '../../shared/errors.ts';
import type { CliContext } from '../cli-context.ts';
import { usageError } from '../cli-error.ts';
import { connectTo } from '../client/connect.ts';
import { clientFilePath, saveServer } from '../credentials/client-file.ts';
import type { ServerCredentials } from '../credentials/server-credentials.ts';
import { newCommand } from '../new-command.ts';
import { createPrinter } from '../output/printer.ts';
import { readAnswers } from '../read-answers.ts';

interface LoginOptions {
  readonly accessKeyId?: string;
  readonly region?: string;
  readonly json?: boolean;
}

export function loginCommand(context: CliContext): Command {
  return newCommand('login', 'Use a server elsewhere: checks an access key and remembers it for this user.', [
    'berth login https://agents.example.com',
    'printf \'%s\\n\' "$KEY_ID" "$SECRET" | berth login http://10.0.0.5:4700',
  ])
    .argument('<url>', "the server's URL")
    .option(
      '--access-key-id <id>',
      'the key to use; otherwise it is asked for, or the first line of standard input',
    )
    .option('--region <name>', "the server's region", context.env['BERTH_REGION'] ?? 'us-east-1')
    .action(async (url: string, options: LoginOptions) => {
      const server = await complete(parseUrl(url), options, context);
      await saveServer(clientFilePath(context.userHome, context.env), server);
      const { secretAccessKey: _, ...shown } = server;
      const printer = createPrinter(context, options.json === true);
      await printer.done(
        shown,
        `Logged in to ${server.url} as ${server.accessKeyId}. Commands of this user now go there.`,
      );
    });
}

async function complete(url: string, options: LoginOptions, context: CliContext): Promise<ServerCredentials> {
  const idQuestion = options.accessKeyId === undefined ? [{ text: 'Access key id' }] : [];
  const answers = await readAnswers(context.stdin, [
    ...idQuestion,
    { text: 'Secret access key', isSecret: true },
  ]);
  const credentials = {
    url,
    region: parseConfigValue('region', options.region ?? 'us-east-1', '--region'),
    accountId: context.env['BERTH_ACCOUNT'] ?? '000000000000',
    accessKeyId: options.accessKeyId ?? answers[0] ?? '',
    secretAccessKey: answers.at(-1) ?? '',
  };
  await using server = connectTo(credentials);
  const { region, accountId } = await server.admin.whoAmI();
  return { ...credentials, region, accountId };
}

function parseUrl(text: string): string {
  try {
    return parseConfigValue('publicUrl', text, 'the URL');
  } catch (error) {
    throw usageError(messageOf(error));
  }
}
