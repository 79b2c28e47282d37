import type { Command } from 'commander';

export const completionShells = ['bash', 'zsh', 'fish'] as const;
export type CompletionShell = (typeof completionShells)[number];

interface Place {
  /** Words after `berth` that lead here; '' is the top. */
  readonly path: string;
  readonly commands: readonly Command[];
  readonly flags: readonly { readonly long: string; readonly description: string }[];
}

/** A script that completes commands and flags; made from the commands themselves, so it knows all of them. */
export function completionScript(program: Command, shell: CompletionShell): string {
  const places = placesOf(program, '');
  switch (shell) {
    case 'zsh':
      // zsh runs completions written for bash.
      return `autoload -Uz compinit bashcompinit\n(( $+functions[compdef] )) || compinit\nbashcompinit\n${bashScript(places)}`;
    case 'fish':
      return fishScript(places);
    default:
      return bashScript(places);
  }
}

function placesOf(command: Command, path: string): Place[] {
  const flags = command.options
    .filter((option) => option.long !== undefined && !option.hidden)
    .map((option) => ({ long: option.long ?? '', description: option.description }));
  const children = command.commands.flatMap((child) => placesOf(child, `${path} ${child.name()}`.trim()));
  return [
    { path, commands: command.commands, flags: [...flags, { long: '--help', description: 'show help' }] },
    ...children,
  ];
}

function bashScript(places: readonly Place[]): string {
  const cases = places.map(({ path, commands, flags }) => {
    const words = [...commands.map((command) => command.name()), ...flags.map(({ long }) => long)];
    return `    '${path}') words='${words.join(' ')}' ;;`;
  });
  const groups = places
    .filter(({ path, commands }) => path !== '' && commands.length > 0)
    .map(({ path }) => `'${path}'`);
  return `_berth() {
  local current="\${COMP_WORDS[COMP_CWORD]}" place='' words='' word index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    case "$word" in -*) continue ;; esac
    case "$place" in
      '') place="$word" ;;
      ${groups.join('|')}) place="$place $word" ;;
    esac
  done
  case "$place" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _berth berth
`;
}

function fishScript(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, commands, flags }) => {
    const condition = conditionOf(path, commands);
    return [
      ...commands.map(
        (command) =>
          `complete -c berth -f -n ${condition} -a ${command.name()} -d ${quote(command.description())}`,
      ),
      ...flags.map(
        ({ long, description }) =>
          `complete -c berth -n ${condition} -l ${long.slice(2)} -d ${quote(description)}`,
      ),
    ];
  });
  return `${lines.join('\n')}\n`;
}

function conditionOf(path: string, commands: readonly Command[]): string {
  if (path === '') return '__fish_use_subcommand';
  const seen = path
    .split(' ')
    .map((word) => `__fish_seen_subcommand_from ${word}`)
    .join('; and ');
  if (commands.length === 0) return quote(seen);
  return quote(
    `${seen}; and not __fish_seen_subcommand_from ${commands.map((command) => command.name()).join(' ')}`,
  );
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;
}
