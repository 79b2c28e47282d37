import { parseRingKeyId } from '../../identity/vault/ring-key.ts';
import type { TokenVault } from '../../identity/vault/token-vault.ts';
import type { NextKeeper } from '../../identity/vault/wrapping-keys.ts';
import { BerthError, invalidField } from '../../shared/errors.ts';
import type { Scope } from '../../shared/ids.ts';
import type { KmsConfiguration } from '../model/generated/types.ts';
import type { Operation } from '../operation.ts';
import { requireDefaultVault, shownVault } from './shown-vault.ts';

const member = 'kmsConfiguration.kmsKeyArn';

export function setTokenVaultCmk({ tokenVault }: { readonly tokenVault: Pick<TokenVault, 'setKeeper'> }) {
  const operation: Operation<'SetTokenVaultCMK'> = async (input, { principal }) => {
    requireDefaultVault(input.tokenVaultId);
    const wanted = keeperOf(principal, input.kmsConfiguration);
    return shownVault(await tokenVault.setKeeper(principal, wanted).catch(asProblemOfTheArn));
  };
  return operation;
}

function keeperOf(scope: Scope, { keyType, kmsKeyArn }: KmsConfiguration): NextKeeper {
  if (keyType === 'CustomerManagedKey') {
    if (kmsKeyArn === undefined)
      throw invalidField(
        member,
        "A CustomerManagedKey needs the ARN of a symmetric key of this server: 'berth kms create' makes one, 'berth kms list' shows it.",
      );
    return { kind: 'key-ring', keyId: parseRingKeyId(scope, kmsKeyArn, member) };
  }
  if (kmsKeyArn === undefined) return { kind: 'service' };
  throw invalidField(member, 'A ServiceManagedKey is chosen by the server: leave the ARN out.');
}

/** The vault exists; it is the caller's key that does not, or cannot do it. */
function asProblemOfTheArn(error: unknown): never {
  const isOfKey = error instanceof BerthError && ['not-found', 'validation'].includes(error.code);
  throw isOfKey ? invalidField(member, error.message) : error;
}
