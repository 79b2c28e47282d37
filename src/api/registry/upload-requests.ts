import { type Digest, isDigest } from '../../images/digest.ts';
import { DistributionError } from '../../images/repositories/distribution-error.ts';
import type { Repositories } from '../../images/repositories/repositories.ts';
import { isRepositoryName } from '../../images/repositories/repository-name.ts';
import type { UploadChunk, Uploads, UploadTarget } from '../../images/repositories/uploads.ts';
import { MethodNotAllowed, receivedRange, type RegistryAnswer } from './registry-answer.ts';
import { toDigest } from './registry-path.ts';
import type { RegistryRequest } from './registry-request.ts';

export interface UploadRequestParts {
  readonly uploads: Pick<Uploads, 'begin' | 'offset' | 'append' | 'finish' | 'cancel'>;
  readonly repositories: Pick<Repositories, 'mount'>;
}

/** POST: mounts a blob of another repository, takes a whole blob, or begins an upload. */
export async function answerNewUpload(
  parts: UploadRequestParts,
  request: RegistryRequest,
  repository: string,
): Promise<RegistryAnswer> {
  if (request.method !== 'POST') throw new MethodNotAllowed(['POST']);
  const mounted = await mount(parts, request, repository);
  if (mounted !== undefined) return mounted;
  const digest = request.query.get('digest');
  const expected = digest === null ? undefined : toDigest(digest);
  const target = { repository, uploadId: await parts.uploads.begin(repository) };
  if (expected === undefined) return progressAnswer(202, target, 0);
  try {
    await parts.uploads.finish(target, expected, { body: request.body });
  } catch (error) {
    await parts.uploads.cancel(target).catch(() => {});
    throw error;
  }
  return storedAnswer(repository, expected);
}

/** PATCH adds bytes, PUT ends the upload, GET asks how far it is, DELETE gives it up. */
export async function answerUpload(
  { uploads }: UploadRequestParts,
  request: RegistryRequest,
  target: UploadTarget,
): Promise<RegistryAnswer> {
  switch (request.method) {
    case 'PATCH':
      return progressAnswer(202, target, await uploads.append(target, chunkOf(request)));
    case 'PUT': {
      const expected = toDigest(request.query.get('digest') ?? '');
      await uploads.finish(target, expected, chunkOf(request));
      return storedAnswer(target.repository, expected);
    }
    case 'GET':
    case 'HEAD':
      return progressAnswer(204, target, await uploads.offset(target));
    case 'DELETE':
      await uploads.cancel(target);
      return { status: 204 };
    default:
      throw new MethodNotAllowed(['PATCH', 'PUT', 'GET', 'DELETE']);
  }
}

/** What a new upload asks to mount in place of uploading; undefined when it does not, or names no repository to take it from. */
export function mountSource(
  query: URLSearchParams,
): { readonly digest: Digest; readonly from: string } | undefined {
  const [digest, from] = [query.get('mount'), query.get('from')];
  return digest !== null && from !== null && isDigest(digest) && isRepositoryName(from)
    ? { digest, from }
    : undefined;
}

/** undefined when there is nothing to mount: the client then uploads. The caller may pull from where it comes from. */
async function mount(
  { repositories }: UploadRequestParts,
  { query }: RegistryRequest,
  repository: string,
): Promise<RegistryAnswer | undefined> {
  const source = mountSource(query);
  if (source === undefined) return undefined;
  const info = await repositories.mount(source.from, repository, source.digest);
  return info && storedAnswer(repository, source.digest);
}

function chunkOf(request: RegistryRequest): UploadChunk {
  const range = request.headers['content-range'];
  const declared = request.headers['content-length'];
  if (range === undefined) return { body: request.body };
  const [, first, last] =
    /^(?:bytes[ =])?([0-9]{1,15})-([0-9]{1,15})(?:\/(?:\*|[0-9]{1,15}))?$/.exec(range) ?? [];
  const [start, end] = [Number(first), Number(last)];
  const lengthBytes = end - start + 1;
  if (!(lengthBytes > 0)) {
    throw new DistributionError(
      'validation',
      'BLOB_UPLOAD_INVALID',
      `'${range}' is not a Content-Range: expected FIRST-LAST, both in bytes.`,
    );
  }
  if (declared !== undefined && Number(declared) !== lengthBytes) {
    throw new DistributionError(
      'validation',
      'SIZE_INVALID',
      `Content-Range says ${lengthBytes} bytes, Content-Length ${declared}.`,
    );
  }
  return { body: request.body, start, lengthBytes };
}

function progressAnswer(
  status: number,
  { repository, uploadId }: UploadTarget,
  offset: number,
): RegistryAnswer {
  return {
    status,
    headers: {
      location: `/v2/${repository}/blobs/uploads/${uploadId}`,
      range: receivedRange(offset),
      'docker-upload-uuid': uploadId,
    },
  };
}

function storedAnswer(repository: string, digest: string): RegistryAnswer {
  return {
    status: 201,
    headers: { location: `/v2/${repository}/blobs/${digest}`, 'docker-content-digest': digest },
  };
}
