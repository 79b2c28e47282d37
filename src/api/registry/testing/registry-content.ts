import assert from 'node:assert/strict';
import type { SampleBlob, SampleImage } from '../../../images/testing/sample-image.ts';
import type { ListeningRegistry } from './listening-registry.ts';

export async function pushBlob(
  registry: ListeningRegistry,
  repository: string,
  blob: SampleBlob,
): Promise<void> {
  const answer = await registry.call('POST', `/v2/${repository}/blobs/uploads/?digest=${blob.digest}`, {
    body: blob.bytes,
  });
  assert.equal(answer.status, 201, await answer.text());
}

export function putManifest(
  registry: ListeningRegistry,
  repository: string,
  reference: string,
  manifest: SampleBlob,
): Promise<Response> {
  const headers = { 'content-type': manifest.mediaType };
  return registry.call('PUT', `/v2/${repository}/manifests/${reference}`, { headers, body: manifest.bytes });
}

export async function pushImage(
  registry: ListeningRegistry,
  repository: string,
  tag: string,
  image: SampleImage,
): Promise<void> {
  for (const blob of image.blobs) await pushBlob(registry, repository, blob);
  const answer = await putManifest(registry, repository, tag, image.manifest);
  assert.equal(answer.status, 201, await answer.text());
}

/** Fails unless the answer is the registry error `code` with that status. */
export async function assertRefused(answer: Response, status: number, code: string): Promise<void> {
  const body = await answer.text();
  assert.equal(answer.status, status, body);
  assert.equal(answer.headers.get('content-type'), 'application/json');
  const { errors } = JSON.parse(body);
  assert.equal(errors[0].code, code);
  assert.ok(errors[0].message.length > 10);
}
