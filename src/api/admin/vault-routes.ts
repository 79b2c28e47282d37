import { ringKeyArn } from '../../identity/vault/ring-key.ts';
import type { TokenVault, TokenVaultState } from '../../identity/vault/token-vault.ts';
import { type AdminRoute, json } from './admin-request.ts';

export type VaultView = Pick<TokenVault, 'show' | 'rotate'>;

/** The key of the token vault, which nobody gets to see: its version, who keeps it, and the change to a new one. */
export function vaultRoutes(tokenVault: VaultView): readonly AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/vault',
      action: 'berth:GetVault',
      answer: async ({ principal }) => json(shown(await tokenVault.show(principal))),
    },
    {
      method: 'POST',
      path: '/vault/rotate',
      action: 'berth:RotateVault',
      async answer({ principal }) {
        await tokenVault.rotate(principal);
        return json(shown(await tokenVault.show(principal)));
      },
    },
  ];
}

function shown({ wrappingKey, ...counts }: TokenVaultState) {
  const { version, keeper, createdAtMs } = wrappingKey;
  return {
    version,
    keeper: keeper.kind,
    ...(keeper.kind === 'key-ring' && { keyArn: ringKeyArn({ ...wrappingKey, keyId: keeper.keyId }) }),
    ...(keeper.kind === 'transit' && { transitKey: keeper.key }),
    createdAtMs,
    ...counts,
  };
}
