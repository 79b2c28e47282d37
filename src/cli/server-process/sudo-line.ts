import { bashQuote } from '../environment/format-exports.ts';

const needed =
  /^(BERTH_\w+|(HTTP|HTTPS|NO|ALL)_PROXY|(http|https|no|all)_proxy|XDG_CONFIG_HOME|NODE_EXTRA_CA_CERTS)$/;

/** The line that runs the same command as root: same flags, same settings. Values stay out of it, since some are secret. */
export function sudoLine(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string {
  const kept = Object.keys(env).filter((name) => needed.test(name) && env[name] !== undefined);
  const preserve = kept.length === 0 ? [] : [`--preserve-env=${kept.toSorted().join(',')}`];
  return ['sudo', ...preserve, program, ...args].map(bashQuote).join(' ');
}
