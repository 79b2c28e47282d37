import type { TokenVault } from '../../identity/vault/token-vault.ts';
import type { Operation } from '../operation.ts';
import { requireDefaultVault, shownVault } from './shown-vault.ts';

export function getTokenVault({ tokenVault }: { readonly tokenVault: Pick<TokenVault, 'get'> }) {
  const operation: Operation<'GetTokenVault'> = async ({ tokenVaultId }, { principal }) => {
    requireDefaultVault(tokenVaultId);
    return shownVault(await tokenVault.get(principal));
  };
  return operation;
}
