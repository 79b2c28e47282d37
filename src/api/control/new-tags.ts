import { BerthError } from '../../shared/errors.ts';

/** The tags of a request; the keys that AWS keeps for itself are refused. */
export function newTags(
  tags: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const reserved = Object.keys(tags ?? {}).find((key) => key.toLowerCase().startsWith('aws:'));
  if (reserved === undefined) return tags ?? {};
  const message = `The tag key '${reserved}' is reserved: keys that begin with 'aws:' cannot be set. Choose another key.`;
  throw new BerthError('validation', message, {
    reason: 'FieldValidationFailed',
    fields: [{ name: 'tags', message }],
  });
}
