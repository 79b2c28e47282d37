import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, Socket } from 'node:net';
import { test } from 'node:test';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { verifies } from '../../test/requirements.ts';
import { systemClock } from '../shared/clock.ts';
import { endWhenQuiet } from './end-when-quiet.ts';

async function read(output: Socket): Promise<string> {
  let text = '';
  for await (const chunk of output) text += String(chunk);
  return text;
}

test('output that something in the background holds open ends once it is quiet, for whoever iterates over it', async () => {
  verifies('commands:background');
  const server = createServer((socket) => void socket.write('from the program'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const output = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const text = read(output);
  const clock = new FakeClock();
  while (output.bytesRead === 0) await clock.settle();
  const ended = endWhenQuiet(output, clock);
  await clock.advance(60_000);
  await ended;
  assert.equal(await text, 'from the program');
  output.destroy();
  server.close();
});

test('output that came while the server was busy is not taken for silence', async () => {
  verifies('commands:background');
  const child = spawn('sh', ['-c', 'echo early; sleep 0.2; echo late; sleep 100'], { detached: true });
  const output = child.stdout;
  assert.ok(output instanceof Socket);
  const text = read(output);
  while (output.bytesRead === 0) await once(output, 'readable');
  const ended = endWhenQuiet(output, systemClock);
  // Nothing is read and no timer runs in this time.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000);
  await ended;
  assert.equal(await text, 'early\nlate\n');
  process.kill(-(child.pid ?? 0), 'SIGKILL');
});
