import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { usageError } from '../cli-error.ts';
import { connect } from '../client/connect.ts';
import { newCommand } from '../new-command.ts';
import { createPrinter } from '../output/printer.ts';

/** Tags of a runtime that are options of its sandboxes begin so (docs/sandbox-options.md). */
const prefix = 'berth:';

export function runtimeOptionsCommand(context: CliContext): Command {
  return newCommand('options', "Show or change the options of a runtime's sandboxes.", [
    'berth runtimes options hello_node',
    'berth runtimes options hello_node memory=512MiB cpus=0.5',
    'berth runtimes options hello_node memory=',
  ])
    .argument('<runtime>', 'name, id or ARN')
    .argument('[option=value...]', 'options to set; one without a value is unset')
    .action(async (reference: string, changes: readonly string[], { json }: { json?: boolean }) => {
      const tags = Object.entries(optionTags(changes));
      await using server = await connect(context);
      const { arn } = await server.findRuntime(reference);
      const set = Object.fromEntries(tags.filter(([, value]) => value !== ''));
      if (Object.keys(set).length > 0) await server.runtimes.tag(arn, set);
      // At once: one may need another.
      const unset = tags.flatMap(([key, value]) => (value === '' ? [key] : []));
      if (unset.length > 0) await server.runtimes.untag(arn, unset);
      const options = Object.entries(await server.runtimes.tags(arn))
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, value]) => ({ option: key.slice(prefix.length), value }));
      await createPrinter(context, json === true).list(
        options,
        [
          ['OPTION', ({ option }) => option],
          ['VALUE', ({ value }) => value],
        ],
        `${reference} has no options of its own: its sandboxes are as the server's settings say.`,
      );
    });
}

/** Tags for `NAME=VALUE` texts; throws a usage error for another text. */
export function optionTags(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf('=');
      if (equals < 1) throw usageError(`'${text}': expected OPTION=VALUE, such as memory=512MiB.`);
      return [prefix + text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}
