import { createHash } from 'node:crypto';
import { z } from 'zod';
import { invalidField } from '../shared/errors.ts';

/** Where an item stands in its list: what the list is ordered by, ending in something unique. */
export type PageKey = readonly (string | number)[];

export interface PageQuery<Item, Key extends PageKey> {
  /** The operation and what it filters by (account, runtime, ...): a token is good for exactly this list. */
  readonly list: readonly string[];
  readonly nextToken: string | undefined;
  /** Already checked against the model; 100 when the caller names none. */
  readonly maxResults: number | undefined;
  keyOf(item: Item): Key;
  /** Up to `limit` items that come strictly after `after`, in the order of their keys. */
  fetch(after: Key | undefined, limit: number): Promise<readonly Item[]>;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Absent on the last page. */
  readonly nextToken: string | undefined;
}

/**
 * One page by key, not by offset: items added or removed meanwhile neither repeat nor hide others. The token holds the last key
 * with a checksum; it grants nothing, so it needs no secret: who makes one up gets a page, if it is a key at all.
 */
export async function paginate<Item, Key extends PageKey>(query: PageQuery<Item, Key>): Promise<Page<Item>> {
  const limit = query.maxResults ?? 100;
  const after = query.nextToken === undefined ? undefined : (openToken(query.list, query.nextToken) as Key);
  const found = await query.fetch(after, limit + 1);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return { items, nextToken: hasMore ? sealToken(query.list, query.keyOf(last)) : undefined };
}

function sealToken(list: readonly string[], key: PageKey): string {
  const payload = JSON.stringify(key);
  return Buffer.from(`${checksum(list, payload)}${payload}`).toString('base64url');
}

function openToken(list: readonly string[], token: string): PageKey {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  const payload = text.slice(checksumLength);
  const isWhole = Buffer.from(text).toString('base64url') === token;
  const isOfList = isWhole && text.slice(0, checksumLength) === checksum(list, payload);
  const key = isOfList ? keySchema.safeParse(parseOrUndefined(payload)) : undefined;
  if (key?.success === true) return key.data;
  throw invalidField(
    'nextToken',
    'The nextToken does not belong to this list. Pass the one of the previous answer, unchanged and with the same filters.',
  );
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const keySchema = z.array(z.union([z.string(), z.number()])).min(1);

const checksumLength = 16;

function checksum(list: readonly string[], payload: string): string {
  return createHash('sha256')
    .update(JSON.stringify([list, payload]))
    .digest('hex')
    .slice(0, checksumLength);
}
