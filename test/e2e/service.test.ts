import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { listeningDescriptor } from '../../src/api/listening-descriptor.ts';
import { berthCommand } from '../fixture/berth-fixture.ts';
import { verifies } from '../requirements.ts';

const run = promisify(execFile);

/** What a service manager hears at its end of NOTIFY_SOCKET, message by message, on one line each. */
const listen = `
import socket, sys
heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
heard.bind(sys.argv[1])
print('listening', flush=True)
while True:
    print(heard.recv(4096).decode().strip().replace('\\n', ' '), flush=True)
`;

it('a server takes the sockets of systemd, tells it when it is ready, and which process it is after an upgrade', async () => {
  verifies('restart:socket-activation', 'restart:service', 'restart:upgrade');
  const folder = await mkdtemp(join(tmpdir(), 'berth-service-'));
  const home = join(folder, 'home');
  const socketPath = join(folder, 'notify');
  const ear = spawn('python3', ['-c', listen, socketPath], { stdio: ['ignore', 'pipe', 'inherit'] });
  const messages = createInterface({ input: ear.stdout });
  await once(messages, 'line');
  // Connections that come before the server wait in its queue.
  const socket = createServer().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as AddressInfo;
  const fd = listeningDescriptor(socket);
  assert.ok(fd !== undefined);
  const log = await open(join(folder, 'log'), 'a');
  const ready = once(messages, 'line');
  const server = spawn(
    'sh',
    [
      '-c',
      'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$0" up --home "$1" --listen "$2"',
      berthCommand,
      home,
      `127.0.0.1:${port}`,
    ],
    { env: { ...process.env, NOTIFY_SOCKET: socketPath }, stdio: ['ignore', log.fd, log.fd, fd] },
  );
  // From here on only the server has the socket: it could not listen there by itself before.
  socket.close();
  try {
    assert.match(
      String(await ready),
      new RegExp(`READY=1.*MAINPID=${server.pid}|MAINPID=${server.pid}.*READY=1`),
    );
    const alive = () => fetch(`http://127.0.0.1:${port}/healthz`, { headers: { connection: 'close' } });
    assert.equal((await alive()).status, 200);

    const again = once(messages, 'line');
    const ended = once(server, 'exit');
    const { stdout } = await run(berthCommand, ['upgrade', '--home', home, '--json']);
    const { pid } = JSON.parse(stdout) as { pid: number };
    assert.notEqual(pid, server.pid);
    assert.match(String(await again), new RegExp(`MAINPID=${pid}`));
    assert.equal((await alive()).status, 200);
    assert.deepEqual(await ended, [0, null]);
  } finally {
    await run(berthCommand, ['down', '--sessions', '--home', home]);
    ear.kill();
    await log.close();
    await rm(folder, { recursive: true, force: true });
  }
});
