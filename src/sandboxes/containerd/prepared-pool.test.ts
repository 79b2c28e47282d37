import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Clock } from '../../shared/clock.ts';
import type { PreparedPoolOptions } from './prepared-pool.ts';
import { createPreparedPool } from './prepared-pool.ts';
import { createRounds } from './rounds.ts';

describe('prepared pool', () => {
  it('keeps its size ready and replaces what is claimed', async () => {
    const { pool, made } = makePool({ size: 2 });
    pool.refill();
    await settle();
    assert.deepEqual(pool.ready(), [1, 2]);

    assert.equal(await pool.claim(), 1);
    await settle();

    assert.deepEqual(pool.ready(), [2, 3]);
    assert.equal(made.count, 3);
  });

  it('makes only a few at a time, however many claims wait', async () => {
    const { pool, made } = makePool({ size: 1, concurrency: 2 });

    const items = await Promise.all(Array.from({ length: 10 }, () => pool.claim()));
    await settle();

    assert.equal(new Set(items).size, 10);
    assert.equal(made.mostAtOnce, 2);
    assert.equal(made.count, 11);
  });

  it('tells the claim that waited why it failed, and tries again later by itself', async () => {
    const { pool, made, timers } = makePool({ size: 1, concurrency: 1 });
    made.failure = new Error('no more');

    await assert.rejects(pool.claim(), /no more/);
    await settle();
    assert.equal(made.count, 1);
    made.failure = undefined;
    timers.shift()?.();
    await settle();

    assert.equal(pool.ready().length, 1);
  });

  it('keeps what was made for a claim that has gone', async () => {
    const { pool } = makePool({ size: 0 });
    const gone = new AbortController();
    const claim = pool.claim(gone.signal);

    gone.abort(new Error('left'));

    await assert.rejects(claim, /left/);
    await settle();
    assert.equal(await pool.claim(), 1);
  });

  it('returns everything unclaimed when it closes, and makes no more', async () => {
    const { pool, made } = makePool({ size: 3 });
    pool.refill();

    const left = await pool.close();

    assert.ok(left.length > 0);
    assert.equal(made.count, left.length);
    await assert.rejects(pool.claim(), { code: 'unavailable' });
  });
});

describe('rounds', () => {
  it('takes everybody who came during one round together in the next', async () => {
    const rounds: (readonly number[])[] = [];
    const join = createRounds<number>(async (items) => {
      rounds.push(items);
      await settle();
    });

    const first = join(1);
    await settle();
    await Promise.all([first, join(2), join(3)]);

    assert.deepEqual(rounds, [[1], [2, 3]]);
  });

  it('goes on after a round that failed', async () => {
    const join = createRounds<number>((items) =>
      items.includes(1) ? Promise.reject(new Error('bad')) : Promise.resolve(),
    );

    const failed = join(1);
    await assert.rejects(failed, /bad/);
    await join(2);
  });
});

function makePool(options: Pick<PreparedPoolOptions<number>, 'size'> & Partial<PreparedPoolOptions<number>>) {
  const made: { count: number; atOnce: number; mostAtOnce: number; failure: Error | undefined } = {
    count: 0,
    atOnce: 0,
    mostAtOnce: 0,
    failure: undefined,
  };
  const timers: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    after: (_, run) => {
      timers.push(run);
      return () => {};
    },
  };
  const pool = createPreparedPool<number>({
    concurrency: 2,
    prepare: async () => {
      made.count++;
      const item = made.count;
      made.mostAtOnce = Math.max(made.mostAtOnce, ++made.atOnce);
      await Promise.resolve();
      made.atOnce--;
      if (made.failure !== undefined) throw made.failure;
      return item;
    },
    onFailure: () => {},
    clock,
    ...options,
  });
  return { pool, made, timers };
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
