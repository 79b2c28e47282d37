import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { verifies } from '../../test/requirements.ts';
import { prepareCredentials } from './prepare-credentials.ts';

async function newHome() {
  const home = await mkdtemp(join(tmpdir(), 'berth-credentials-'));
  const clock = new FakeClock();
  const errors: string[] = [];
  return {
    home,
    clock,
    errors,
    prepare: (server: string, isReplaced = () => false) =>
      prepareCredentials({
        home,
        credentials: { server },
        isReplaced,
        clock,
        log: { error: ({ error }) => void errors.push(String(error)) },
      }),
    published: async () => JSON.parse(await readFile(join(home, 'credentials'), 'utf8')) as unknown,
    files: () => readdir(home),
    [Symbol.asyncDispose]: () => rm(home, { recursive: true }),
  };
}

test('a server that ends while another one takes over takes nothing from it', async () => {
  verifies('restart:in-charge');
  await using home = await newHome();
  const first = await home.prepare('first');
  first.publish();
  const second = await home.prepare('second');
  second.publish();
  const third = await home.prepare('third');
  await first[Symbol.asyncDispose]();
  third.publish();
  await second[Symbol.asyncDispose]();
  await third[Symbol.asyncDispose]();
  assert.deepEqual(await home.published(), { server: 'third' });
  assert.deepEqual([await home.files(), home.errors], [['credentials'], []]);
  assert.equal((await stat(join(home.home, 'credentials'))).mode & 0o777, 0o600);
});

test('a server that does not come to publish leaves the file of the one before, and nothing beside it', async () => {
  verifies('restart:failed-late');
  await using home = await newHome();
  const first = await home.prepare('first');
  first.publish();
  await (await home.prepare('second'))[Symbol.asyncDispose]();
  assert.deepEqual(await home.published(), { server: 'first' });
  assert.deepEqual(await home.files(), ['credentials']);
});

test('what killed servers prepared is removed by the next one that decides', async () => {
  verifies('restart:in-charge');
  await using home = await newHome();
  await home.prepare('killed');
  await writeFile(join(home.home, 'credentials.new'), '');
  const next = await home.prepare('next');
  next.publish();
  assert.deepEqual(await home.files(), ['credentials']);
});

test('a file that cannot be written is logged and tried again, not the end of the server', async () => {
  verifies('restart:in-charge');
  await using home = await newHome();
  await mkdir(join(home.home, 'credentials'));
  const server = await home.prepare('patient');
  server.publish();
  await home.clock.settle();
  assert.equal(home.errors.length, 1);
  await rmdir(join(home.home, 'credentials'));
  await home.clock.advance(1_000);
  assert.deepEqual(await home.published(), { server: 'patient' });
});

test('a server whose prepared file is gone writes it anew', async () => {
  verifies('restart:in-charge');
  await using home = await newHome();
  const server = await home.prepare('robbed');
  for (const name of await home.files()) await rm(join(home.home, name));
  server.publish();
  assert.deepEqual(await home.published(), { server: 'robbed' });
  assert.deepEqual(home.errors, []);
});

test('a server that another one has replaced publishes no more', async () => {
  verifies('restart:one-decides');
  await using home = await newHome();
  await mkdir(join(home.home, 'credentials'));
  let isReplaced = false;
  const old = await home.prepare('old', () => isReplaced);
  old.publish();
  await rmdir(join(home.home, 'credentials'));
  isReplaced = true;
  await home.clock.advance(60_000);
  assert.deepEqual((await home.files()).includes('credentials'), false);
});
