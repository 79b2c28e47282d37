import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { openBlobSource } from './blob-source.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const pieceBytes = 7;

test('is asked for pieces again after a handover that failed, and what was being read goes on', async () => {
  verifies('restart:failed-late');
  const folder = await mkdtemp(join(tmpdir(), 'berth-source-'));
  await using _ = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
  const socketPath = join(folder, 'blobs.sock');
  const slow = Promise.withResolvers<void>();
  const open = (answer: string, until?: Promise<void>) =>
    openBlobSource({
      socketPath,
      blobs: {
        find: async () => undefined,
        read: () => assert.fail('It is not here.'),
      },
      remote: {
        readRange: async () =>
          (async function* () {
            yield Buffer.from(answer.slice(0, 1));
            await until;
            yield Buffer.from(answer.slice(1));
          })(),
      },
    });
  await using own = await open('own one', slow.promise);
  const reading = await ask(socketPath);
  await once(reading, 'readable');
  {
    await using _other = await open('another');
    assert.equal(await text(await ask(socketPath)), 'another');
  }
  await assert.rejects(ask(socketPath), /ECONNREFUSED/);

  await own.reclaim();

  const again = await ask(socketPath);
  slow.resolve();
  assert.equal(await text(again), 'own one');
  assert.equal(await text(reading), 'own one');
  assert.deepEqual(await readdir(folder), ['blobs.sock']);
});

async function ask(socketPath: string) {
  const asked = request({
    socketPath,
    path: `/blobs/${digest}?reference=example`,
    headers: { range: `bytes=0-${pieceBytes - 1}` },
    agent: false,
  }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response;
}
