import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { connect } from '../client/connect.ts';
import { newCommand, newGroup } from '../new-command.ts';
import { formatAge } from '../output/format-time.ts';
import { createPrinter } from '../output/printer.ts';
import { readAnswers } from '../read-answers.ts';

export function registryCommand(context: CliContext): Command {
  return newGroup(
    'registry',
    "Logins: to other registries for the server's pulls, to Berth's own for pushes.",
    [
      'berth registry login registry.example.com --username me',
      'berth registry token | docker login --username AWS --password-stdin 127.0.0.1:4700',
    ],
  )
    .addCommand(loginCommand(context))
    .addCommand(logoutCommand(context))
    .addCommand(listCommand(context))
    .addCommand(tokenCommand(context));
}

function loginCommand(context: CliContext): Command {
  return newCommand('login', 'Give the server a login for another registry. It is kept sealed.', [
    'berth registry login ghcr.io --username me',
    'cat token.txt | berth registry login ghcr.io --username me',
  ])
    .argument('<host>', 'host name of the registry, with its port if it has one')
    .option(
      '-u, --username <name>',
      'user name; otherwise it is asked for, or the first line of standard input',
    )
    .action(async (host: string, options: { username?: string; json?: boolean }) => {
      const nameQuestion = options.username === undefined ? [{ text: 'User name' }] : [];
      const answers = await readAnswers(context.stdin, [
        ...nameQuestion,
        { text: 'Password', isSecret: true },
      ]);
      const username = options.username ?? answers[0] ?? '';
      await using server = await connect(context);
      await server.admin.saveRegistryCredential(host, username, answers.at(-1) ?? '');
      await createPrinter(context, options.json === true).done(
        { host, username },
        `The server pulls from ${host} as ${username}.`,
      );
    });
}

function logoutCommand(context: CliContext): Command {
  return newCommand('logout', "Delete the server's login for a registry.", ['berth registry logout ghcr.io'])
    .argument('<host>', 'host name of the registry')
    .action(async (host: string, options: { json?: boolean }) => {
      await using server = await connect(context);
      await server.admin.deleteRegistryCredential(host);
      await createPrinter(context, options.json === true).done(
        { host },
        `The server has no login for ${host} any more.`,
      );
    });
}

function listCommand(context: CliContext): Command {
  return newCommand('list', "List the server's logins, without passwords.", ['berth registry list']).action(
    async (options: { json?: boolean }) => {
      await using server = await connect(context);
      const now = context.clock.now();
      await createPrinter(context, options.json === true).list(
        await server.admin.registryCredentials(),
        [
          ['HOST', (login) => login.host],
          ['USER', (login) => login.username],
          ['AGE', (login) => formatAge(now, login.updatedAtMs)],
        ],
        'The server has no logins: it pulls public images only.',
      );
    },
  );
}

function tokenCommand(context: CliContext): Command {
  return newCommand('token', "Print a short-lived password for Berth's own registry; the user is AWS.", [
    'berth registry token | docker login --username AWS --password-stdin 127.0.0.1:4700',
    'skopeo copy --dest-creds "AWS:$(berth registry token)" oci:image docker://127.0.0.1:4700/agent:v1',
  ]).action(async (options: { json?: boolean }) => {
    await using server = await connect(context);
    const token = await server.admin.registryToken();
    await createPrinter(context, options.json === true).done(token, token.password);
  });
}
