import { InvalidArgumentError, type Command } from 'commander';
import { duration } from '../../shared/value-types.ts';
import type { CliContext } from '../cli-context.ts';
import { connect } from '../client/connect.ts';
import { newCommand } from '../new-command.ts';
import { createPrinter } from '../output/printer.ts';

interface TokenOptions {
  readonly client: string;
  readonly user: string;
  readonly scope: readonly string[];
  readonly ttl?: number;
  readonly json?: boolean;
}

export function tokenCommand(context: CliContext): Command {
  return newCommand(
    'token',
    "Print a bearer token of the server's development issuer, for trying out runtimes that take tokens.",
    [
      'berth token --client web --user ann',
      `BERTH_BEARER_TOKEN=$(berth token --client web --user ann) berth invoke hello '{"prompt":"hi"}'`,
    ],
  )
    .requiredOption('--client <id>', 'the application that the token is for: its client_id')
    .requiredOption('--user <name>', 'whom it stands for; anyone, since the issuer knows no users')
    .option('--scope <name>', 'a scope that it has; may be repeated', collect, [])
    .option('--ttl <time>', 'how long it is good, as in 10m; otherwise an hour', parseSeconds)
    .action(async ({ client, user, scope, ttl, json }: TokenOptions) => {
      await using server = await connect(context);
      const token = await server.admin.developmentToken({
        clientId: client,
        username: user,
        scopes: scope,
        ...(ttl !== undefined && { lifetimeS: ttl }),
      });
      await createPrinter(context, json === true).done(token, token.token);
    });
}

function parseSeconds(text: string): number {
  const parsed = duration.schema.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError(`expected ${duration.expected}.`);
  return Math.round(parsed.data / 1000);
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
