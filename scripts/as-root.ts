/** The command line that runs a command as root: by sudo unless this process is root already. `kept` names variables that go along. */
export function asRoot(command: readonly string[], kept: readonly string[] = []): [string, ...string[]] {
  const [program = '', ...args] = command;
  if (process.getuid?.() === 0) return [program, ...args];
  const preserve = kept.length === 0 ? [] : [`--preserve-env=${kept.join(',')}`];
  return ['sudo', ...preserve, '--', program, ...args];
}
