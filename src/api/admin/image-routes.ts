import { z } from 'zod';
import type { Repositories } from '../../images/repositories/repositories.ts';
import type { RepositoryStore, TaggedImage } from '../../images/repositories/repository-store.ts';
import { paginate } from '../pagination.ts';
import { type AdminRoute, emptyAnswer, json, readQuery } from './admin-request.ts';

/** What is in Berth's own registry. */
export type ImagesView = Pick<RepositoryStore, 'listImages'> & Pick<Repositories, 'removeManifest'>;

const listSchema = z.strictObject({
  maxResults: z.coerce.number().int().min(1).max(100).optional(),
  nextToken: z.string().optional(),
});
const removeSchema = z.strictObject({ repository: z.string().min(1), reference: z.string().min(1) });

export function imageRoutes(images: ImagesView): readonly AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/images',
      action: 'berth:ListImages',
      async answer({ query }) {
        const asked = readQuery(listSchema, query);
        const { items, nextToken } = await paginate<TaggedImage, readonly [repository: string, tag: string]>({
          list: ['berth:ListImages'],
          nextToken: asked.nextToken,
          maxResults: asked.maxResults,
          keyOf: ({ repository, tag }) => [repository, tag],
          fetch: ([repository, tag] = ['', ''], limit) => images.listImages({ repository, tag }, limit),
        });
        return json({ images: items.map(shown), ...(nextToken !== undefined && { nextToken }) });
      },
    },
    {
      method: 'DELETE',
      path: '/images',
      action: 'berth:DeleteImage',
      async answer({ query }) {
        const { repository, reference } = readQuery(removeSchema, query);
        await images.removeManifest(repository, reference);
        return emptyAnswer;
      },
    },
  ];
}

function shown({ repository, tag, digest, sizeBytes, updatedAtMs }: TaggedImage) {
  return { repository, tag, digest, sizeBytes, pushedAtMs: updatedAtMs };
}
