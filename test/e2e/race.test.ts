import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { it } from 'node:test';
import { freePort } from '../../scripts/free-port.ts';
import { berthCommand } from '../fixture/berth-fixture.ts';
import { verifies } from '../requirements.ts';

it(
  'of two servers that race for one home one runs, and the other says who has it',
  { timeout: 180_000 },
  async () => {
    verifies('cli:up-second');
    const home = await mkdtemp(join(tmpdir(), 'berth-race-'));
    const ports = [await freePort(), await freePort()];
    const servers = ports.map((port) => {
      const server = spawn(berthCommand, ['up', '--home', home, '--listen', `127.0.0.1:${port}`], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      return { server, said: text(server.stderr), exited: once(server, 'exit') };
    });
    const [loser] = await Promise.race(servers.map((one) => one.exited.then(() => [one] as const)));
    assert.match(await loser.said, /Another Berth server is using|is already running on/);
    assert.equal(loser.server.exitCode, 1);
    const [winner] = servers.filter((one) => one !== loser);
    assert.ok(winner !== undefined && winner.server.exitCode === null);
    winner.server.kill('SIGTERM');
    await winner.exited;
    await rm(home, { recursive: true, force: true });
  },
);
