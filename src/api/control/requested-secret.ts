import type { GivenSecret } from '../../identity/providers/provider-secrets.ts';
import { invalidField } from '../../shared/errors.ts';
import type { SecretReference, SecretSourceType } from '../model/generated/types.ts';

/** The members of a request that hold a secret or say where it is. */
export interface SecretMembers {
  readonly value: string | undefined;
  readonly source: SecretSourceType | undefined;
  readonly reference: SecretReference | undefined;
  /** Their names, in the same order. */
  readonly names: readonly [value: string, source: string, reference: string];
}

/** Undefined: the request holds none, which SDKs also write as an empty text. Throws `validation` for members that contradict one another. */
export function requestedSecret({ value, source, reference, names }: SecretMembers): GivenSecret | undefined {
  const [valueName, sourceName, referenceName] = names;
  const given = value === '' ? undefined : value;
  if (source === 'EXTERNAL' || (source === undefined && reference !== undefined)) {
    if (given !== undefined)
      throw invalidField(valueName, `An EXTERNAL secret is read where you keep it. Leave ${valueName} out.`);
    if (reference === undefined)
      throw invalidField(
        referenceName,
        `An EXTERNAL secret needs ${referenceName}, with secretId and jsonKey.`,
      );
    const { secretId, jsonKey } = reference;
    return { kind: 'external', secretId, jsonKey, member: `${referenceName}.secretId` };
  }
  if (reference !== undefined)
    throw invalidField(
      referenceName,
      `${referenceName} names an EXTERNAL secret, but ${sourceName} is MANAGED. Leave one of them out.`,
    );
  return given === undefined ? undefined : { kind: 'managed', value: given };
}

/** Throws `validation` when there is none. */
export function requireSecret(secret: GivenSecret | undefined, members: SecretMembers): GivenSecret {
  if (secret !== undefined) return secret;
  const [valueName, sourceName, referenceName] = members.names;
  throw invalidField(
    valueName,
    `A secret is missing. Give ${valueName}, or ${sourceName} EXTERNAL with ${referenceName}.`,
  );
}
