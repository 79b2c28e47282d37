import type { BlobStore } from '../../images/blob-store.ts';
import { maxManifestBytes } from '../../images/manifest.ts';
import type { Repositories } from '../../images/repositories/repositories.ts';
import { MethodNotAllowed, type RegistryAnswer } from './registry-answer.ts';
import { readWhole, type RegistryRequest } from './registry-request.ts';

export interface ManifestRequestParts {
  readonly blobs: Pick<BlobStore, 'read'>;
  readonly repositories: Pick<Repositories, 'findManifest' | 'putManifest' | 'removeManifest'>;
  readonly events: {
    imagePushed(image: {
      readonly repository: string;
      readonly reference: string;
      readonly digest: string;
    }): void;
  };
}

/** GET, HEAD, PUT and DELETE of a manifest by tag or digest. */
export async function answerManifest(
  { blobs, repositories, events }: ManifestRequestParts,
  request: RegistryRequest,
  repository: string,
  reference: string,
): Promise<RegistryAnswer> {
  switch (request.method) {
    case 'GET':
    case 'HEAD': {
      const { digest, mediaType, sizeBytes } = await repositories.findManifest(repository, reference);
      return {
        status: 200,
        headers: { 'content-type': mediaType, 'docker-content-digest': digest, etag: `"${digest}"` },
        body: { sizeBytes, open: () => blobs.read(digest) },
      };
    }
    case 'PUT': {
      const sentAs = request.headers['content-type'];
      const contentType = sentAs === 'application/octet-stream' ? undefined : sentAs;
      const bytes = await readWhole(request.body, maxManifestBytes);
      const { digest, subject } = await repositories.putManifest(repository, reference, bytes, contentType);
      events.imagePushed({ repository, reference, digest });
      return {
        status: 201,
        headers: {
          location: `/v2/${repository}/manifests/${digest}`,
          'docker-content-digest': digest,
          ...(subject !== undefined && { 'oci-subject': subject }),
        },
      };
    }
    case 'DELETE':
      await repositories.removeManifest(repository, reference);
      return { status: 202 };
    default:
      throw new MethodNotAllowed(['GET', 'HEAD', 'PUT', 'DELETE']);
  }
}
