import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { verifies } from '../../../test/requirements.ts';
import { fakeContext } from '../testing/fake-context.ts';
import { fakeServer } from '../testing/fake-server.ts';

/** A second later with every look, in which a sandbox has used a quarter of a processor. */
function loadServer() {
  let looks = 0;
  return fakeServer({
    'GET /berth/v1/load': (_request, response) => {
      looks += 1;
      const session = {
        runtimeId: 'hello-abcdefghij',
        version: 1,
        startedAtMs: 1_000,
        lastActivityAtMs: 2_000,
      };
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          atMs: 10_000 + looks * 1_000,
          machine: { cpus: 2, memoryBytes: 8e9, availableBytes: 4e9, loadAverage: 0.5 },
          disk: { freeBytes: 5e8, reserveBytes: 1e9, sessionStorageBytes: 3e9 },
          starts: {
            inFlight: 1,
            limit: 4,
            waiting: 3,
            queues: [{ runtimeId: 'hello-abcdefghij', waiting: 3 }],
          },
          sessions: [
            {
              ...session,
              id: 'one',
              sandboxId: 'sb-1',
              state: 'busy',
              calls: 2,
              memoryBytes: 5e7,
              cpuMs: looks * 250,
            },
            {
              ...session,
              id: 'two',
              sandboxId: 'sb-2',
              state: 'frozen',
              calls: 0,
              memoryBytes: 1e6,
              cpuMs: 7,
            },
          ],
          pools: [
            {
              ...session,
              wanted: 2,
              ready: 1,
              frozen: 0,
              starting: 0,
              memoryBytes: 3e7,
              problem: 'no \u001b[2Jprogram',
            },
          ],
        }),
      );
    },
  });
}

test('berth top --once shows sessions, starts, queues and pools, and the processor time of the last moment', async () => {
  verifies('bursts:top', 'session-storage:full-host');
  await using server = await loadServer();
  await using user = await fakeContext({ env: server.env });

  assert.equal(await user.run('top', '--once'), 0, user.stderr());

  const text = user.stdout();
  assert.match(
    text,
    /disk\s+500 MB free, less than the reserve of 1\.0 GB: nothing new is started; session storage takes 3\.0 GB/,
  );
  assert.match(text, /sessions\s+2: 1 busy, 1 frozen/);
  assert.match(text, /starts\s+1 of 4 under way; 3 waiting: hello-abcdefghij 3/);
  assert.match(text, /one\s+hello-abcdefghij\s+1\s+busy\s+2\s+25 %\s+50\.0 MB/);
  assert.match(text, /two\s.*frozen\s+0\s+0 %\s+1\.0 MB/);
  assert.match(text, /hello-abcdefghij\s+1\s+1 of 2\s.*no program/);
  assert.ok(!text.includes('\u001b'), 'no control characters where there is no terminal');
});

test('berth top goes on until Ctrl-C: below each other as JSON lines, or anew on a terminal', async () => {
  verifies('bursts:top');
  await using server = await loadServer();
  await using piped = await fakeContext({ env: server.env });
  const running = piped.run('top', '--json');
  while (piped.stdout().split('\n').length < 3) await wait(20);
  piped.interrupt();
  await running;
  const [first = ''] = piped.stdout().split('\n');
  assert.equal((JSON.parse(first) as { sessions: unknown[] }).sessions.length, 2);

  await using terminal = await fakeContext({ env: server.env, isTTY: true });
  const drawing = terminal.run('top');
  while (!terminal.stdout().includes('one')) await wait(20);
  terminal.interrupt();
  await drawing;
  assert.ok(terminal.stdout().startsWith('\u001b[H'));
});
