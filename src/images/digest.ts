import { BerthError } from '../shared/errors.ts';

/** `sha256:` and 64 lower-case hex digits. */
export type Digest = `sha256:${string}`;

const digestPattern = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): text is Digest {
  return digestPattern.test(text);
}

export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new BerthError(
    'validation',
    `'${text}' is not a digest: expected sha256: and 64 lower-case hex digits.`,
  );
}
