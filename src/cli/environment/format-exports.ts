import type { ClientEnvironment } from './client-environment.ts';

export const shells = ['bash', 'fish', 'dotenv'] as const;
export type ShellName = (typeof shells)[number];

/** Lines that `eval` (bash, zsh), `source` (fish) or a reader of `.env` files takes. */
export function formatExports({ set, unset }: ClientEnvironment, shell: ShellName): string {
  const variables = Object.entries(set);
  switch (shell) {
    case 'fish':
      return lines([
        ...unset.map((name) => `set -e ${name}`),
        ...variables.map(([name, value]) => `set -gx ${name} ${fishQuote(value)}`),
      ]);
    case 'dotenv':
      // A .env file cannot unset. An empty session token is none to every SDK; an empty profile name would be an error.
      return lines([
        `# These must not be set elsewhere: ${unset.join(' ')}`,
        'AWS_SESSION_TOKEN=',
        ...variables.map(([name, value]) => `${name}=${value}`),
      ]);
    default:
      return lines([
        `unset ${unset.join(' ')}`,
        ...variables.map(([name, value]) => `export ${name}=${bashQuote(value)}`),
      ]);
  }
}

export function bashQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function fishQuote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;
}

function lines(parts: readonly string[]): string {
  return parts.map((part) => `${part}\n`).join('');
}
