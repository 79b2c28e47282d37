import { type Digest, isDigest } from '../../images/digest.ts';
import { DistributionError } from '../../images/repositories/distribution-error.ts';
import { isRepositoryName, isTag } from '../../images/repositories/repository-name.ts';

/** What a path under /v2/ means. */
export type RegistryPath =
  | { readonly kind: 'base' | 'token' | 'catalog' }
  | { readonly kind: 'tags' | 'uploads'; readonly repository: string }
  | { readonly kind: 'manifest'; readonly repository: string; readonly reference: string }
  | { readonly kind: 'blob' | 'referrers'; readonly repository: string; readonly digest: Digest }
  | { readonly kind: 'upload'; readonly repository: string; readonly uploadId: string };

/**
 * Reads the raw path, still encoded and without its query: it is split before it is decoded, so that an encoded slash can never
 * make a component. Throws `DistributionError`.
 */
export function parseRegistryPath(rawPath: string): RegistryPath {
  const segments = rawPath.split('/').slice(2).map(decode);
  if (segments.at(-1) === '') segments.pop();
  const [only] = segments;
  if (only === undefined) return { kind: 'base' };
  if (segments.length === 1 && (only === 'token' || only === '_catalog')) {
    return { kind: only === 'token' ? 'token' : 'catalog' };
  }
  const [third, second, last] = [segments.at(-3), segments.at(-2), segments.at(-1) ?? ''];
  if (third === 'blobs' && second === 'uploads') {
    if (!/^[A-Za-z0-9]{1,64}$/.test(last)) throw unknownUpload();
    return { kind: 'upload', repository: toName(segments.slice(0, -3)), uploadId: last };
  }
  const repository = segments.slice(0, -2);
  if (second === 'blobs' && last === 'uploads') return { kind: 'uploads', repository: toName(repository) };
  if (second === 'blobs') return { kind: 'blob', repository: toName(repository), digest: toDigest(last) };
  if (second === 'referrers')
    return { kind: 'referrers', repository: toName(repository), digest: toDigest(last) };
  if (second === 'tags' && last === 'list') return { kind: 'tags', repository: toName(repository) };
  if (second === 'manifests')
    return { kind: 'manifest', repository: toName(repository), reference: toReference(last) };
  throw new DistributionError(
    'not-found',
    'UNSUPPORTED',
    'The registry has no such path. See the OCI distribution specification.',
  );
}

export function toDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new DistributionError(
    'validation',
    'DIGEST_INVALID',
    `'${text.slice(0, 100)}' is not a digest that this registry takes: expected sha256: and 64 lower-case hex digits.`,
  );
}

export function toName(segments: readonly string[]): string {
  const name = segments.join('/');
  if (segments.every((segment) => !segment.includes('/')) && isRepositoryName(name)) return name;
  throw new DistributionError(
    'validation',
    'NAME_INVALID',
    `'${name.slice(0, 300)}' is not a repository name: expected lower-case letters and digits, separated by one of . _ __ - or /.`,
  );
}

function toReference(text: string): string {
  if (isTag(text) || isDigest(text)) return text;
  if (text.includes(':')) return toDigest(text);
  throw new DistributionError(
    'validation',
    'MANIFEST_INVALID',
    `'${text.slice(0, 200)}' is not a tag: expected up to 128 letters, digits, dots, hyphens and underscores.`,
  );
}

function unknownUpload(): DistributionError {
  return new DistributionError(
    'not-found',
    'BLOB_UPLOAD_UNKNOWN',
    'There is no such upload. Begin a new one.',
  );
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '%';
  }
}
