import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WebSocket } from 'ws';
import { FakeClock } from '../../../../test/fakes/fake-clock.ts';
import type { FakeSandboxDriver } from '../../../../test/fakes/fake-sandbox-driver.ts';
import { verifies } from '../../../../test/requirements.ts';
import { echo, sessionNamed } from '../../../sessions/testing/sessions-fixture.ts';
import type { SandboxId } from '../../../shared/ids.ts';
import { type DataPlaneFixture, sessionHeader } from '../testing/data-plane-fixture.ts';
import { closeOf, WebSocketAgent } from '../testing/websocket-agent.ts';
import { connectBoth, ended, openWithAgent, rawSocket, reply } from '../testing/websocket-pairs.ts';

describe('the end of a WebSocket', () => {
  it('comes with 1009 for a large frame of either side, of which nothing is passed on', async () => {
    verifies('websocket:frame-size');
    for (const side of ['caller', 'agent'] as const) {
      const agent = new WebSocketAgent();
      await using fixture = await openWithAgent(agent.onUpgrade);
      const ends = await connectBoth(fixture, agent);
      const other = side === 'caller' ? ends.agent : ends.caller;
      other.on('message', () => assert.fail('the frame was passed on'));
      const both = Promise.all([closeOf(ends[side]), closeOf(other)]);
      ends[side].send(Buffer.alloc(65_537));
      const [blamed, innocent] = await both;
      assert.equal(blamed.code, 1009);
      assert.match(blamed.reason, /65536/);
      assert.equal(innocent.code, side === 'caller' ? 1001 : 1009);
    }
  });

  it('comes with 1008 for more than 250 frames in a second, and not for as many', async () => {
    verifies('websocket:frame-rate');
    const clock = new FakeClock();
    const agent = new WebSocketAgent();
    await using fixture = await openWithAgent(agent.onUpgrade, { clock });
    const { caller, agent: agentEnd } = await connectBoth(fixture, agent);
    agentEnd.removeAllListeners('message');
    const received = (count: number) =>
      new Promise<void>((resolve) => {
        let left = count;
        agentEnd.on('message', () => (left -= 1) === 0 && resolve());
      });
    for (let second = 0; second < 2; second += 1) {
      const all = received(250);
      for (let frame = 0; frame < 250; frame += 1) caller.send('x');
      await all;
      await clock.advance(1_000);
    }
    const closed = closeOf(caller);
    for (let frame = 0; frame < 251; frame += 1) caller.send('x');
    assert.equal((await closed).code, 1008);
  });

  it('comes with 1008 after 60 minutes', async () => {
    verifies('websocket:duration');
    const clock = new FakeClock();
    const agent = new WebSocketAgent();
    await using fixture = await openWithAgent(agent.onUpgrade, { clock });
    const { caller } = await connectBoth(fixture, agent);
    const closed = closeOf(caller);
    await clock.advance(60 * 60_000 - 1);
    assert.equal(caller.readyState, caller.OPEN);
    await clock.advance(1);
    const { code, reason } = await closed;
    assert.equal(code, 1008);
    assert.match(reason, /60 minutes/);
  });

  it('does not come by idleness while the connection is open', async () => {
    verifies('websocket:activity');
    const clock = new FakeClock();
    const agent = new WebSocketAgent();
    await using fixture = await openWithAgent(agent.onUpgrade, { clock });
    fixture.sessions.targets.addVersion(echo, 2, { idleTimeoutS: 60 });
    const { caller } = await connectBoth(fixture, agent);
    await clock.advance(10 * 60_000);
    assert.equal(await reply(caller, 'still here?'), 'still here?');
    caller.close();
    await closeOf(caller);
    await ended(fixture, clock);
    await clock.advance(61_000);
    assert.equal(fixture.sessions.driver.sandboxes.length, 0);
  });

  it('comes with 1002 for a caller that does not mask its frames, and with 1011 for an agent that does', async () => {
    verifies('websocket:masking');
    for (const [side, frame, codes] of [
      ['caller', Buffer.of(0x81, 0x01, 0x61), [1002, 1001]],
      ['agent', Buffer.of(0x81, 0x81, 1, 2, 3, 4, 0x60), [1011, 1002]],
    ] as const) {
      const agent = new WebSocketAgent();
      await using fixture = await openWithAgent(agent.onUpgrade);
      const ends = await connectBoth(fixture, agent);
      const both = Promise.all([closeOf(ends.caller), closeOf(ends.agent)]);
      rawSocket(ends[side]).write(frame);
      assert.deepEqual(
        (await both).map(({ code }) => code),
        codes,
      );
    }
  });

  it('comes with 1011 when the agent drops it, its process ends or its session is stopped', async () => {
    verifies('websocket:vanished');
    const ways: readonly (readonly [(fixture: DataPlaneFixture, agent: WebSocket) => void, RegExp])[] = [
      [(_fixture, agent) => agent.terminate(), /agent closed the connection/],
      [({ sessions }) => void sessions.driver.exit(onlySandbox(sessions.driver)), /exited with code 1/],
      [({ sessions }) => void sessions.stop('s1'), /stopped/],
    ];
    for (const [vanish, reason] of ways) {
      const agent = new WebSocketAgent();
      await using fixture = await openWithAgent(agent.onUpgrade);
      const ends = await connectBoth(fixture, agent, { headers: { [sessionHeader]: sessionNamed('s1') } });
      const closed = closeOf(ends.caller);
      vanish(fixture, ends.agent);
      const status = await closed;
      assert.equal(status.code, 1011);
      assert.match(status.reason, reason);
      assert.equal((await ended(fixture)).closedBy, 'server');
    }
  });

  it('comes with 1001 for the agent when the caller goes away', async () => {
    verifies('websocket:vanished');
    for (const leave of [
      (caller: WebSocket) => caller.terminate(),
      (caller: WebSocket) => rawSocket(caller).end(),
    ]) {
      const agent = new WebSocketAgent();
      await using fixture = await openWithAgent(agent.onUpgrade);
      const ends = await connectBoth(fixture, agent);
      const closed = closeOf(ends.agent);
      leave(ends.caller);
      assert.deepEqual(await closed, { code: 1001, reason: 'The caller went away.' });
      const { closeCode, closedBy } = await ended(fixture);
      assert.deepEqual([closeCode, closedBy], [1006, 'caller']);
    }
  });

  it('comes with 1001 for both when the server closes', async () => {
    verifies('websocket:drain');
    const agent = new WebSocketAgent();
    await using fixture = await openWithAgent(agent.onUpgrade);
    const ends = await connectBoth(fixture, agent);
    const both = Promise.all([closeOf(ends.caller), closeOf(ends.agent)]);
    await fixture.listener.drain();
    assert.deepEqual(
      (await both).map(({ code }) => code),
      [1001, 1001],
    );
  });
});

function onlySandbox({ sandboxes }: FakeSandboxDriver): SandboxId {
  const [sandbox, ...others] = sandboxes;
  assert.ok(sandbox !== undefined && others.length === 0);
  return sandbox.id;
}
