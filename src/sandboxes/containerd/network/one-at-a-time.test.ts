import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { FakeClock } from '../../../../test/fakes/fake-clock.ts';
import { verifies } from '../../../../test/requirements.ts';
import { systemClock } from '../../../shared/clock.ts';
import { oneAtATime } from './one-at-a-time.ts';

let folder: string;
let path: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-lock-'));
  path = join(folder, 'lock');
});
after(() => rm(folder, { recursive: true }));

test('what is done one at a time never overlaps, also after a failure', async () => {
  verifies('network-policy:own-subnet');
  let inside = 0;
  let most = 0;
  const work = async (fails: boolean) => {
    inside += 1;
    most = Math.max(most, inside);
    await turn();
    inside -= 1;
    if (fails) throw new Error('no');
  };
  const all = Array.from({ length: 10 }, (_, at) => oneAtATime(systemClock, () => work(at === 0), path));
  const outcomes = await Promise.allSettled(all);
  assert.equal(most, 1);
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 9);
});

test('whoever waits for too long is told why', async () => {
  const clock = new FakeClock();
  const { promise, resolve } = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const holder = oneAtATime(
    systemClock,
    () => {
      entered.resolve();
      return promise;
    },
    path,
  );
  await entered.promise;
  let isOver = false;
  const waiting = oneAtATime(clock, async () => {}, path).finally(() => (isOver = true));
  waiting.catch(() => {});
  while (!isOver) {
    await clock.advance(30_000);
    await turn();
  }
  await assert.rejects(waiting, { code: 'unavailable', message: /30 s/ });
  resolve();
  await holder;
});

test('a server that is killed holds nobody up, and no other user can hold the lock', async () => {
  verifies('network-policy:lock-of-root');
  const program = `const { oneAtATime } = await import(${JSON.stringify(import.meta.resolve('./one-at-a-time.ts'))});
    await oneAtATime({ after: () => () => {} }, () => { console.log('held'); return new Promise((r) => setTimeout(r, 60_000)); }, ${JSON.stringify(path)});`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  let isMine = false;
  const mine = oneAtATime(systemClock, () => Promise.resolve((isMine = true)), path);
  const { mode, uid } = await stat(path);
  assert.deepEqual([mode & 0o777, uid, isMine], [0o600, process.getuid?.(), false]);

  holder.kill('SIGKILL');

  assert.equal(await mine, true);
});
