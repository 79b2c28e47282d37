import type { Digest } from '../../images/digest.ts';
import { mediaTypes } from '../../images/media-types.ts';
import { DistributionError } from '../../images/repositories/distribution-error.ts';
import type { RepositoryStore } from '../../images/repositories/repository-store.ts';
import { MethodNotAllowed, type RegistryAnswer } from './registry-answer.ts';
import type { RegistryRequest } from './registry-request.ts';

const maxPage = 1000;
const referrersPage = 100;

/** `{name, tags}` in order, paged by `n` and `last`. */
export async function answerTags(
  store: Pick<RepositoryStore, 'listTags' | 'exists'>,
  request: RegistryRequest,
  repository: string,
): Promise<RegistryAnswer> {
  requireGet(request);
  if (!(await store.exists(repository))) {
    throw new DistributionError(
      'not-found',
      'NAME_UNKNOWN',
      `This server has no repository ${repository}. Push an image to it first.`,
    );
  }
  const { limit, last } = pageOf(request.query);
  const found = limit === 0 ? [] : await store.listTags(repository, last, limit + 1);
  const tags = found.slice(0, limit);
  return jsonAnswer({ name: repository, tags }, nextPage(`/v2/${repository}/tags/list`, found, limit));
}

export async function answerCatalog(
  store: Pick<RepositoryStore, 'listRepositories'>,
  request: RegistryRequest,
): Promise<RegistryAnswer> {
  requireGet(request);
  const { limit, last } = pageOf(request.query);
  const found = limit === 0 ? [] : await store.listRepositories(last, limit + 1);
  return jsonAnswer({ repositories: found.slice(0, limit) }, nextPage('/v2/_catalog', found, limit));
}

/** What describes `subject` (signatures, attestations), as an index; empty when nothing does. */
export async function answerReferrers(
  store: Pick<RepositoryStore, 'listReferrers'>,
  request: RegistryRequest,
  repository: string,
  subject: Digest,
): Promise<RegistryAnswer> {
  requireGet(request);
  const artifactType = request.query.get('artifactType') ?? undefined;
  const after = request.query.get('last') ?? '';
  const found = await store.listReferrers({
    repository,
    subject,
    artifactType,
    after,
    limit: referrersPage + 1,
  });
  const shown = found.slice(0, referrersPage);
  const manifests = shown.map((referrer) => ({
    mediaType: referrer.mediaType,
    digest: referrer.digest,
    size: referrer.sizeBytes,
    ...(referrer.artifactType !== undefined && { artifactType: referrer.artifactType }),
    ...(Object.keys(referrer.annotations).length > 0 && { annotations: referrer.annotations }),
  }));
  const filter = artifactType === undefined ? '' : `artifactType=${encodeURIComponent(artifactType)}&`;
  const next = `/v2/${repository}/referrers/${subject}?${filter}last=${shown.at(-1)?.digest ?? ''}`;
  return {
    status: 200,
    headers: {
      'content-type': mediaTypes.ociIndex,
      ...(artifactType !== undefined && { 'oci-filters-applied': 'artifactType' }),
      ...(found.length > referrersPage && { link: `<${next}>; rel="next"` }),
    },
    body: JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }),
  };
}

function requireGet({ method }: RegistryRequest): void {
  if (method !== 'GET' && method !== 'HEAD') throw new MethodNotAllowed(['GET']);
}

function pageOf(query: URLSearchParams): { readonly limit: number; readonly last: string } {
  const asked = query.get('n');
  if (asked !== null && !/^[0-9]{1,9}$/.test(asked)) {
    throw new DistributionError(
      'validation',
      'UNSUPPORTED',
      `'${asked.slice(0, 40)}' is not a page size: n must be a whole number from 0.`,
    );
  }
  return {
    limit: asked === null ? maxPage : Math.min(Number(asked), maxPage),
    last: query.get('last') ?? '',
  };
}

function nextPage(path: string, found: readonly string[], limit: number): string | undefined {
  const last = found.length > limit ? found[limit - 1] : undefined;
  return last === undefined ? undefined : `<${path}?n=${limit}&last=${encodeURIComponent(last)}>; rel="next"`;
}

function jsonAnswer(body: object, link: string | undefined): RegistryAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', ...(link !== undefined && { link }) },
    body: JSON.stringify(body),
  };
}
