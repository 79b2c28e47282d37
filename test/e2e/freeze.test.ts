import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { verifies } from '../requirements.ts';
import { BerthFixture } from '../fixture/berth-fixture.ts';
import { RequestSigner } from '../fixture/request-signer.ts';
import { leftoversOf } from '../fixture/leftovers.ts';

describe('idle sandboxes that are frozen, on the real engine', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  let runtime: DeployedRuntime;

  before(async () => {
    berth = await BerthFixture.start({ BERTH_PING_INTERVAL: '250ms' });
    runtime = await berth.deploy('hello-node', 'sleepy', { tags: { 'berth:freeze-after': '5s' } });
  });

  after(() => berth.destroy());

  async function gauge(name: string): Promise<number> {
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await berth.metrics())?.[1]);
  }

  async function untilFrozen(count: number): Promise<void> {
    while ((await gauge('berth_frozen_sandboxes')) !== count) await sleep(100);
  }

  it('are none with a WebSocket open, however long nothing is said on it', async () => {
    verifies('freeze:in-use');
    const tags = { 'berth:freeze-after': '5s' };
    const echo = await berth.deploy('agentcore-ts', 'echo', { tags });
    const [connected, idle] = [randomUUID(), randomUUID()];
    const path = `/runtimes/${encodeURIComponent(echo.arn)}/ws`;
    const session = { 'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id': connected };
    const headers = await new RequestSigner(berth.server).sign({ method: 'GET', path, headers: session });
    const socket = new WebSocket(berth.server.url.replace('http:', 'ws:') + path, { headers });
    await once(socket, 'open');
    await berth.agents.invoke(echo, idle, {});

    // It was called later, so that the other one would be frozen by now.
    await untilFrozen(1);
    const { stdout } = await berth.cli('sessions', 'list', '--json');
    const listed = JSON.parse(stdout) as { id: string; isFrozen?: boolean }[];
    assert.deepEqual(
      listed.filter(({ isFrozen }) => isFrozen === true).map(({ id }) => id),
      [idle],
    );
    socket.send('still here');
    const [message] = (await once(socket, 'message')) as [Buffer];
    assert.equal(message.toString(), 'still here');
    socket.close(1000);
    await untilFrozen(2);
    for (const id of [connected, idle]) await berth.agents.stop(echo, id);
  });

  it('are woken by calls, commands and stops, with their memory; a running call keeps one awake', async () => {
    verifies('freeze:wake', 'freeze:in-use', 'freeze:end');
    const [id, stopped] = [randomUUID(), randomUUID()];
    const first = await berth.agents.invoke(runtime, id, { prompt: 'remember me' });
    await berth.agents.invoke(runtime, stopped, {});
    await untilFrozen(2);

    const answers = await Promise.all(
      Array.from({ length: 10 }, () => berth.agents.invoke(runtime, id, { prompt: 'again' })),
    );
    assert.deepEqual([...new Set(answers.map(({ bootId }) => bootId))], [first.bootId]);
    assert.ok(answers[0]?.heard.includes('remember me'));
    await berth.cli('logs', 'sleepy', '--session', id);

    await untilFrozen(2);
    const { stdout } = await berth.cli('exec', 'sleepy', '--session', id, '--', 'echo', 'awake');
    assert.match(stdout, /awake/);
    // For as long as this takes, nothing is frozen.
    await berth.cli('exec', 'sleepy', '--session', id, '--', 'sleep', '7');
    assert.equal(await gauge('berth_frozen_sandboxes'), 1);
    await berth.agents.stop(runtime, stopped);
    assert.equal(await berth.liveSessions(), 1);
  });

  it('are still frozen after kill -9 of the server, and answer its successor', async () => {
    verifies('freeze:adoption');
    await untilFrozen(1);
    await berth.process.kill();
    await berth.process.start();
    assert.equal(await gauge('berth_frozen_sandboxes'), 1);
    const { stdout } = await berth.cli('sessions', 'list', '--json');
    const [{ id, isFrozen }] = JSON.parse(stdout) as [{ id: string; isFrozen?: boolean }];
    assert.equal(isFrozen, true);
    assert.ok((await berth.agents.invoke(runtime, id, {})).heard.includes('remember me'));
    await untilFrozen(1);
    await berth.cli('down', '--sessions');
    assert.deepEqual(await leftoversOf(berth.server.home), []);
  });
});
