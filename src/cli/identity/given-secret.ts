import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { usageError } from '../cli-error.ts';
import { readAnswers } from '../read-answers.ts';

export interface SecretOptions {
  readonly secretId?: string;
  readonly jsonKey?: string;
}

/** Adds the options of a secret that Berth does not keep itself. The secret is no option: other users see those. */
export function withSecretOptions(command: Command): Command {
  return command
    .option(
      '--secret-id <name>',
      "read the secret from NAME.json in the server's BERTH_SECRETS_DIR, each time it is used, instead of keeping it",
    )
    .option('--json-key <key>', 'the member of that file which holds the secret');
}

/** The members of a request that hold the secret, where `member` is `apiKey` or `clientSecret`. It is asked for, or one line of the input. */
export async function givenSecret(
  context: Pick<CliContext, 'stdin'>,
  { secretId, jsonKey }: SecretOptions,
  { member, question }: { readonly member: string; readonly question: string },
): Promise<object> {
  const prefix = member === 'apiKey' ? 'apiKeySecret' : 'clientSecret';
  if ((secretId === undefined) !== (jsonKey === undefined))
    throw usageError(
      '--secret-id and --json-key go together.',
      'Give both, or none to let Berth keep the secret.',
    );
  if (secretId !== undefined)
    return { [`${prefix}Source`]: 'EXTERNAL', [`${prefix}Config`]: { secretId, jsonKey } };
  const [secret] = await readAnswers(context.stdin, [{ text: question, isSecret: true }]);
  return { [`${prefix}Source`]: 'MANAGED', [member]: secret };
}
