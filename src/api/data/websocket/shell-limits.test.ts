import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeClock } from '../../../../test/fakes/fake-clock.ts';
import { verifies } from '../../../../test/requirements.ts';
import { DataPlaneFixture } from '../testing/data-plane-fixture.ts';
import { ShellUser } from '../testing/shell-client.ts';
import { ended } from '../testing/websocket-pairs.ts';

function open(clock?: FakeClock): Promise<DataPlaneFixture> {
  return DataPlaneFixture.open((_request, response) => response.end(), { ...(clock && { clock }) });
}

describe('the connection to a shell', { timeout: 180_000 }, () => {
  it('takes frames of 64 KB and no larger ones', async () => {
    verifies('shells:limits');
    await using fixture = await open();
    const user = await ShellUser.open(fixture, { shell: 'one' });
    user.send('resize', ' '.repeat(64 * 1024 - 1));
    assert.equal(await user.run('echo on'), 'on\n');

    user.send('resize', ' '.repeat(64 * 1024));

    assert.equal(await user.closed, 1009);
    assert.partialDeepStrictEqual(await ended(fixture), { closeCode: 1009, closedBy: 'server' });
    const again = await ShellUser.open(fixture, { shell: 'one' });
    assert.partialDeepStrictEqual(again.statuses[0], { metadata: { reconnected: true } });
  });

  it('takes 250 frames in a second and no more', async () => {
    verifies('shells:limits');
    const clock = new FakeClock();
    await using fixture = await open(clock);
    const user = await ShellUser.open(fixture);
    const beats = () => user.channels.filter((channel) => channel === 'heartbeat').length;

    for (let n = 0; n < 250; n += 1) user.send('heartbeat');
    await user.until(() => beats() === 250);
    await clock.advance(1_000);
    for (let n = 0; n < 250; n += 1) user.send('heartbeat');
    await user.until(() => beats() === 500);
    user.send('heartbeat');

    assert.equal(await user.closed, 1008);
    assert.equal(beats(), 500);
  });

  it('ends at five text frames in a row, not at fewer', async () => {
    verifies('shells:limits');
    await using fixture = await open();
    const user = await ShellUser.open(fixture);

    for (let n = 0; n < 4; n += 1) user.socket.send('text');
    assert.equal(await user.run('echo on'), 'on\n');
    for (let n = 0; n < 5; n += 1) user.socket.send('text');

    assert.equal(await user.closed, 1003);
  });

  it('lasts an hour, and the shell goes on for the next one', async () => {
    verifies('shells:limits');
    const clock = new FakeClock();
    await using fixture = await open(clock);
    const user = await ShellUser.open(fixture, { shell: 'one' });
    await user.run('KEPT=value');

    await clock.advance(3_600_000 - 1);
    assert.equal(user.socket.readyState, user.socket.OPEN);
    await clock.advance(1);

    assert.equal(await user.closed, 1008);
    const next = await ShellUser.open(fixture, { shell: 'one' });
    assert.equal(await next.run('echo $KEPT'), 'value\n');
  });

  it('holds a shell back whose client does not read, and ends when that goes on', async () => {
    verifies('shells:limits');
    const clock = new FakeClock();
    await using fixture = await open(clock);
    const user = await ShellUser.open(fixture, { shell: 'one' });

    user.type('yes');
    user.socket.pause();
    while (fixture.webSocketEnds.length === 0) await clock.advance(1_000);

    assert.partialDeepStrictEqual(fixture.webSocketEnds[0], { closeCode: 1008, closedBy: 'server' });
    user.socket.resume();
  });

  it('hears nothing that it does not understand', async () => {
    verifies('shells:framing');
    await using fixture = await open();
    const user = await ShellUser.open(fixture);

    for (const frame of [[], [6, 1, 2], [254], [1, 65], [2, 65], [3, 123, 125]])
      user.socket.send(Buffer.from(frame));
    for (const size of ['', '{', '{}', '{"width":0,"height":1}', '{"width":1e9,"height":1}', '[1,2]'])
      user.send('resize', size);

    assert.equal(await user.run('stty size'), '24 80\n');
  });
});
