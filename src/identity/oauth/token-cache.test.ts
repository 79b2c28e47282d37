import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { verifies } from '../../../test/requirements.ts';
import type { AccountId } from '../../shared/ids.ts';
import { TokenCache } from './token-cache.ts';

const scope = { accountId: '111122223333' as AccountId, region: 'us-east-1' };

test('a workload that asks for ever new tokens drives out its own, not those of others', async () => {
  verifies('oauth:cache-shares');
  const clock = new FakeClock(0);
  const cache = new TokenCache({ clock });
  let fetched = 0;
  const get = (workload: string, key: string) =>
    cache.get({ ...scope, workload }, key, async () => {
      fetched += 1;
      const life = { renewAtMs: 1_000, expiresAtMs: 2_000 };
      return { accessToken: `token-${fetched}`, refreshToken: undefined, ...life };
    });
  const kept = await get('modest', 'its own');
  const shared = await get('modest', 'shared');
  assert.equal(await get('greedy', 'shared'), shared);
  const first = await get('greedy', '0');
  for (let at = 1; at <= 2_000; at += 1) await get('greedy', String(at));
  assert.equal(await get('modest', 'its own'), kept);
  assert.equal(await get('modest', 'shared'), shared);
  const before = fetched;
  await get('greedy', '2000');
  assert.equal(fetched, before, 'the newest stay');
  assert.notEqual(await get('greedy', '0'), first);
});
