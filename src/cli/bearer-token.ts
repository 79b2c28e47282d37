import type { CliContext } from './cli-context.ts';

export const bearerTokenOption = [
  '--bearer-token <token>',
  'proves the caller to a runtime that takes tokens, instead of a signature. Other users of this machine see it while the command runs; they do not see that of BERTH_BEARER_TOKEN',
] as const;

/** That of the option, else that of the environment; undefined for a signature. */
export function bearerTokenOf(
  { bearerToken }: { readonly bearerToken?: string },
  { env }: Pick<CliContext, 'env'>,
): string | undefined {
  const token = (bearerToken ?? env['BERTH_BEARER_TOKEN'] ?? '').trim();
  return token === '' ? undefined : token;
}
