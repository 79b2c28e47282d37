import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { apiKeyCommand } from '../identity/api-key-command.ts';
import { oauth2Command } from '../identity/oauth2-command.ts';
import { rotateSigningKeyCommand } from '../identity/rotate-signing-key-command.ts';
import { newGroup } from '../new-command.ts';

export function identityCommand(context: CliContext): Command {
  return newGroup(
    'identity',
    'Credentials of other services that agents may use, and what agents prove themselves with.',
    [
      'berth identity api-key create weather < key.txt',
      'berth identity oauth2 create my-github --vendor github --client-id Iv1.abc < secret.txt',
    ],
  )
    .addCommand(apiKeyCommand(context))
    .addCommand(oauth2Command(context))
    .addCommand(rotateSigningKeyCommand(context));
}
