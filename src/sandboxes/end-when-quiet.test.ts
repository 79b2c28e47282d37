import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { systemClock } from '../shared/clock.ts';
import { endWhenQuiet } from './end-when-quiet.ts';

test('output that something in the background holds open ends once it is quiet, for whoever iterates over it', async () => {
  verifies('commands:background');
  const server = createServer((socket) => void socket.write('from the program'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const output: Socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const read = async () => {
    let text = '';
    for await (const chunk of output) text += String(chunk);
    return text;
  };
  const [text] = await Promise.all([read(), endWhenQuiet(output, systemClock)]);
  assert.equal(text, 'from the program');
  output.destroy();
  server.close();
});
