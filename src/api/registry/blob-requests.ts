import type { BlobStore } from '../../images/blob-store.ts';
import type { Digest } from '../../images/digest.ts';
import { DistributionError } from '../../images/repositories/distribution-error.ts';
import type { Repositories } from '../../images/repositories/repositories.ts';
import { MethodNotAllowed, type RegistryAnswer } from './registry-answer.ts';
import type { RegistryRequest } from './registry-request.ts';

export interface BlobRequestParts {
  readonly blobs: Pick<BlobStore, 'find' | 'read'>;
  readonly repositories: Pick<Repositories, 'findBlob' | 'confirmBlob' | 'removeBlob'>;
}

/** HEAD, GET (whole or one range) and DELETE of a blob that the repository links. */
export async function answerBlob(
  { blobs, repositories }: BlobRequestParts,
  request: RegistryRequest,
  repository: string,
  digest: Digest,
): Promise<RegistryAnswer> {
  if (request.method === 'DELETE') {
    await repositories.removeBlob(repository, digest);
    return { status: 202 };
  }
  if (request.method !== 'GET' && request.method !== 'HEAD')
    throw new MethodNotAllowed(['GET', 'HEAD', 'DELETE']);
  if (request.method === 'HEAD') await repositories.confirmBlob(repository, digest);
  else await repositories.findBlob(repository, digest);
  const info = await blobs.find(digest);
  if (info === undefined) {
    throw new DistributionError(
      'not-found',
      'BLOB_UNKNOWN',
      `The content ${digest} is no longer there. Push it again.`,
    );
  }
  const headers = {
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    'docker-content-digest': digest,
    etag: `"${digest}"`,
  };
  const range = parseRange(request.headers.range, info.sizeBytes);
  if (range === 'unsatisfiable') {
    return { status: 416, headers: { 'content-range': `bytes */${info.sizeBytes}` } };
  }
  const { start, length } = range ?? { start: 0, length: info.sizeBytes };
  const partial = range && { 'content-range': `bytes ${start}-${start + length - 1}/${info.sizeBytes}` };
  return {
    status: range === undefined ? 200 : 206,
    headers: { ...headers, ...partial },
    body: { sizeBytes: length, open: () => blobs.read(digest, start, length) },
  };
}

/** undefined: send all of it, as the HTTP specification allows for any range that is not understood. */
function parseRange(
  header: string | undefined,
  sizeBytes: number,
): { readonly start: number; readonly length: number } | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=([0-9]{0,15})-([0-9]{0,15})$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const length = Math.min(Number(last), sizeBytes);
    return length === 0 ? 'unsatisfiable' : { start: sizeBytes - length, length };
  }
  const start = Number(first);
  const end = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (last !== '' && Number(last) < start) return undefined;
  return start >= sizeBytes ? 'unsatisfiable' : { start, length: end - start + 1 };
}
