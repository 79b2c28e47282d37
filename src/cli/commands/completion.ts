import { Argument, type Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { completionScript, completionShells, type CompletionShell } from '../completion/completion-script.ts';
import { newGroup } from '../new-command.ts';

export function completionCommand(context: CliContext, program: () => Command): Command {
  return newGroup('completion', 'Print a script that makes a shell complete berth commands.', [
    'source <(berth completion bash)      # in ~/.bashrc or ~/.zshrc (zsh)',
    'berth completion fish | source       # in ~/.config/fish/config.fish',
  ])
    .addArgument(new Argument('<shell>', 'the shell').choices(completionShells))
    .action((shell: CompletionShell) => context.stdout.write(completionScript(program(), shell)));
}
