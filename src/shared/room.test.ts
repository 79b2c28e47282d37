import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { Room } from './room.ts';

test('room that was promised is not promised a second time, and is there again afterwards', async () => {
  verifies('hibernation:room');
  const room = new Room({ freeBytes: async () => 100, reserveBytes: 10 });
  const tooLittle = (free: number) => new Error(`only ${free}`);
  const { promise: isOver, resolve: end } = Promise.withResolvers<string>();

  const first = room.use(60, tooLittle, () => isOver);
  await assert.rejects(
    room.use(31, tooLittle, async () => {}),
    /only 100/,
  );
  assert.equal(await room.use(30, tooLittle, async () => 'beside it'), 'beside it');
  end('done');

  assert.equal(await first, 'done');
  await assert.rejects(
    room.use(1, tooLittle, () => Promise.reject(new Error('failed'))),
    /failed/,
  );
  assert.equal(await room.use(90, tooLittle, async () => 'all of it'), 'all of it');
});
