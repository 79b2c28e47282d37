import { Command } from 'commander';

/** A command with what all have: a description, `--json`, and examples under its help. */
export function newCommand(usage: string, description: string, examples: readonly string[]): Command {
  return newGroup(usage, description, examples).option('--json', 'print JSON, for programs');
}

/** A command that only holds others. */
export function newGroup(usage: string, description: string, examples: readonly string[]): Command {
  return new Command(usage)
    .description(description)
    .addHelpText('after', `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}`);
}
