import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { BerthError } from '../shared/errors.ts';
import { paginate } from './pagination.ts';

function page(
  items: readonly string[],
  nextToken: string | undefined,
  maxResults: number | undefined,
  filter = 'all',
) {
  return paginate<string, [string]>({
    list: ['ListThings', '111122223333', filter],
    nextToken,
    maxResults,
    keyOf: (item) => [item],
    fetch: async (after, limit) =>
      [...items]
        .sort()
        .filter((item) => after === undefined || item > after[0])
        .slice(0, limit),
  });
}

describe('pagination', () => {
  it('goes through all items once although others come and go', async () => {
    verifies('wire:stable-pages');
    const first = await page(['b', 'd', 'f', 'h'], undefined, 2);
    const second = await page(['a', 'c', 'd', 'e', 'f', 'h'], first.nextToken, 2);
    const third = await page(['a', 'h'], second.nextToken, 2);
    assert.deepEqual([first.items, second.items, third.items], [['b', 'd'], ['e', 'f'], ['h']]);
    assert.equal(third.nextToken, undefined);
    assert.match(first.nextToken ?? '', /^[\w-]+$/);
  });

  it('gives no token when the last item ends the page, and 100 items when no number is asked for', async () => {
    const many = Array.from({ length: 101 }, (_, index) => String(1000 + index));
    assert.equal((await page(['a', 'b'], undefined, 2)).nextToken, undefined);
    assert.equal((await page(many, undefined, undefined)).items.length, 100);
  });

  it('refuses tokens that were changed or belong to another list', async () => {
    verifies('wire:page-token');
    const { nextToken = '' } = await page(['a', 'b'], undefined, 1);
    const changed = `${nextToken.slice(0, -2)}${nextToken.endsWith('A') ? 'B' : 'A'}A`;
    for (const [token, filter] of [
      [changed, 'all'],
      ['nonsense', 'all'],
      ['%%', 'all'],
      [nextToken, 'other'],
    ] as const) {
      await assert.rejects(
        page(['a', 'b'], token, 1, filter),
        (error) =>
          error instanceof BerthError && error.code === 'validation' && error.fields[0]?.name === 'nextToken',
      );
    }
  });
});
