import { ringKeyArn } from '../../identity/vault/ring-key.ts';
import type { WrappingKey } from '../../identity/vault/wrapping-key.ts';
import { BerthError } from '../../shared/errors.ts';
import type { GetTokenVaultResponse } from '../model/generated/types.ts';

/** The only vault there is; what Berth itself or a transit engine keeps is a key of the service. */
const defaultVault = 'default';

export function requireDefaultVault(tokenVaultId = defaultVault): void {
  if (tokenVaultId === defaultVault) return;
  throw new BerthError(
    'not-found',
    `There is no token vault ${tokenVaultId}. Each account has one in each region: ${defaultVault}.`,
  );
}

/** What GetTokenVault and SetTokenVaultCMK answer. */
export function shownVault({ keeper, createdAtMs, ...scope }: WrappingKey): GetTokenVaultResponse {
  return {
    tokenVaultId: defaultVault,
    kmsConfiguration:
      keeper.kind === 'key-ring'
        ? { keyType: 'CustomerManagedKey', kmsKeyArn: ringKeyArn({ ...scope, keyId: keeper.keyId }) }
        : { keyType: 'ServiceManagedKey' },
    lastModifiedDate: new Date(createdAtMs),
  };
}
