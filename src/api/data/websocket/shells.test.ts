import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { FakeClock } from '../../../../test/fakes/fake-clock.ts';
import { verifies } from '../../../../test/requirements.ts';
import { reconnectWindowMs, replayBytes } from '../../../invocations/shells/shell.ts';
import { shellsPerSession } from '../../../invocations/shells/shells.ts';
import { echo, sessionNamed } from '../../../sessions/testing/sessions-fixture.ts';
import { DataPlaneFixture, echoPath, sessionHeader } from '../testing/data-plane-fixture.ts';
import { FakeTokens } from '../testing/fake-tokens.ts';
import { shellCall, ShellUser } from '../testing/shell-client.ts';
import { refusalOf } from '../testing/websocket-client.ts';
import { ended } from '../testing/websocket-pairs.ts';

const success = { kind: 'Status', apiVersion: 'v1', status: 'Success' };
const shellIdHeader = 'x-amzn-bedrock-agentcore-shell-id';

function open(options = {}): Promise<DataPlaneFixture> {
  return DataPlaneFixture.open((_request, response) => response.end('answered'), options);
}

describe('a shell', { timeout: 180_000 }, () => {
  it('says who it is, runs lines in a terminal, and keeps its state', async () => {
    verifies('shells:framing', 'shells:headers', 'shells:session');
    await using fixture = await open();

    const user = await ShellUser.open(fixture, { shell: 'my-shell_1' });

    assert.equal(user.headers[sessionHeader], sessionNamed('s1'));
    assert.equal(user.headers[shellIdHeader], 'my-shell_1');
    assert.match(String(user.headers['x-amzn-requestid']), /^[0-9a-f-]{36}$/);
    assert.deepEqual(user.statuses, [
      { ...success, metadata: { shellId: 'my-shell_1', reconnected: false } },
    ]);
    assert.equal(user.channels[0], 'status');
    await user.run('KEPT=value');
    assert.equal(await user.run('tty >/dev/null && echo $KEPT'), 'value\n');
    assert.equal(await user.run('stty size'), '24 80\n');
    user.send('resize', '{"width":100,"height":40}');
    while ((await user.run('stty size')) !== '40 100\n');
    const length = user.channels.length;
    user.send('heartbeat');
    await user.until(({ channels }) => channels.includes('heartbeat'));
    assert.equal(user.channels.slice(length).filter((channel) => channel === 'heartbeat').length, 1);
    assert.equal(fixture.sessions.driver.starts.length, 1);
    assert.equal((await fixture.call({ session: 's1', body: '{}' })).body, 'answered');
  });

  it('gets an id when its client chooses none, and says how it ended', async () => {
    verifies('shells:framing', 'shells:headers');
    await using fixture = await open();
    for (const [line, last] of [
      ['exit 0', { ...success, metadata: {} }],
      [
        'exit 7',
        {
          ...success,
          metadata: {},
          status: 'Failure',
          reason: 'NonZeroExitCode',
          message: 'command terminated with exit code 7',
          details: { causes: [{ reason: 'ExitCode', message: '7' }] },
        },
      ],
    ] as const) {
      const user = await ShellUser.open(fixture);
      assert.match(String(user.headers[shellIdHeader]), /^[0-9a-f-]{36}$/);
      user.type(line);

      assert.equal(await user.closed, 1000);
      assert.deepEqual(user.statuses[1], last);
      assert.ok(!user.channels.includes('close'));
    }
    assert.equal(fixture.sessions.driver.execs.length, 0);
  });

  it('is killed by a close frame, which it echoes', async () => {
    verifies('shells:close');
    await using fixture = await open();
    const user = await ShellUser.open(fixture, { shell: 'one' });
    const [program] = fixture.sessions.driver.execs;

    user.send('close');

    assert.equal(await user.closed, 1000);
    assert.equal(user.channels.at(-1), 'close');
    await program?.exit;
    const again = await ShellUser.open(fixture, { shell: 'one' });
    assert.partialDeepStrictEqual(again.statuses[0], { metadata: { reconnected: false } });
  });

  it('goes on when its client leaves, and gives the next one what it missed', async () => {
    verifies('shells:reconnect');
    await using fixture = await open();
    const folder = await mkdtemp(join(tmpdir(), 'berth-shell-'));
    const [gate, done] = [join(folder, 'gate'), join(folder, 'done')];
    const user = await ShellUser.open(fixture, { shell: 'one' });
    await silence(user);
    await user.run('KEPT=value');
    user.type(`until [ -e ${gate} ]; do sleep 0.01; done; printf missed; : > ${done}`);
    user.socket.close(1000);
    await ended(fixture);
    await writeFile(gate, '');
    await made(done);

    const next = await ShellUser.open(fixture, { shell: 'one' });

    assert.deepEqual(next.statuses, [{ ...success, metadata: { shellId: 'one', reconnected: true } }]);
    await next.until(({ output }) => output.includes('missed'));
    assert.equal(next.output, 'missed');
    assert.equal(await next.run('echo $KEPT'), 'value\n');
    await rm(folder, { recursive: true });
  });

  it('says how much of what was missed is lost', async () => {
    verifies('shells:reconnect');
    await using fixture = await open();
    const folder = await mkdtemp(join(tmpdir(), 'berth-shell-'));
    const done = join(folder, 'done');
    const size = 600_000;
    const user = await ShellUser.open(fixture, { shell: 'one' });
    await silence(user);
    user.type(
      `until [ -e ${folder}/gate ]; do sleep 0.01; done; head -c ${size} /dev/zero | tr '\\0' x; : > ${done}`,
    );
    user.socket.terminate();
    await ended(fixture);
    await writeFile(join(folder, 'gate'), '');
    await made(done);

    const next = await ShellUser.open(fixture, { shell: 'one' });

    const { bytesDropped } = (next.statuses[0] as { metadata: { bytesDropped: number } }).metadata;
    await next.until(({ output }) => output.length + bytesDropped >= size);
    assert.equal(next.output.length + bytesDropped, size);
    assert.ok(bytesDropped >= size - replayBytes - 65_536, `${bytesDropped} bytes were dropped`);
    await rm(folder, { recursive: true });
  });

  it('that nobody comes back to ends after 15 minutes', async () => {
    verifies('shells:reconnect');
    const clock = new FakeClock();
    await using fixture = await open({ clock });
    fixture.sessions.targets.addVersion(echo, 2, { idleTimeoutS: 8 * 3_600 });
    const user = await ShellUser.open(fixture);
    const [program] = fixture.sessions.driver.execs;
    user.socket.terminate();
    await ended(fixture, clock);

    await clock.advance(reconnectWindowMs - 1);
    assert.equal(fixture.sessions.driver.execs.length, 1);
    await clock.advance(1);

    assert.equal(await program?.exit, 137);
  });

  it('that ended while nobody was there says so to the next client', async () => {
    verifies('shells:reconnect', 'shells:framing');
    await using fixture = await open();
    const user = await ShellUser.open(fixture, { shell: 'one' });
    const [program] = fixture.sessions.driver.execs;
    user.type('trap "exit 3" TERM; kill -STOP 0 2>/dev/null; :');
    user.socket.terminate();
    await ended(fixture);
    await program?.kill('SIGKILL');
    await program?.exit;

    const next = await ShellUser.open(fixture, { shell: 'one' });

    assert.equal(await next.closed, 1000);
    assert.partialDeepStrictEqual(next.statuses, [
      { metadata: { reconnected: true } },
      { status: 'Failure', reason: 'NonZeroExitCode' },
    ]);
  });

  it('is taken over by whoever connects to it', async () => {
    verifies('shells:take-over');
    await using fixture = await open();
    const first = await ShellUser.open(fixture, { shell: 'one' });
    await first.run('KEPT=value');

    const second = await ShellUser.open(fixture, { shell: 'one' });

    assert.equal(await first.closed, 4000);
    assert.partialDeepStrictEqual(second.statuses[0], { metadata: { reconnected: true } });
    assert.equal(await second.run('echo $KEPT'), 'value\n');
  });

  it('is refused before the upgrade to those who may not, with a bad id, and when there are ten', async () => {
    verifies('shells:refusals', 'authz:audit-doors');
    await using fixture = await open();
    const refusal = async (call: Parameters<typeof shellCall>[0]) => {
      const { status, error, message } = await refusalOf(fixture, shellCall(call));
      return [status, error, message] as const;
    };

    const denied = await refusal({ headers: { authorization: 'KEY invoke' } });
    assert.deepEqual(denied.slice(0, 2), [403, 'AccessDeniedException']);
    assert.match(denied[2], /InvokeAgentRuntimeCommandShell/);
    for (const shell of ['-a', 'a%20b', 'x'.repeat(129), '', 'a&shellId=b']) {
      const bad = await refusal({ shell });
      assert.deepEqual(bad.slice(0, 2), [424, 'RuntimeClientError']);
      assert.match(bad[2], /shellId must be/);
    }
    assert.equal(fixture.sessions.driver.starts.length, 0);
    const users = [];
    for (let n = 0; n < shellsPerSession; n += 1)
      users.push(await ShellUser.open(fixture, { shell: `s${n}` }));
    assert.deepEqual((await refusal({ shell: 'eleventh' })).slice(0, 2), [424, 'RuntimeClientError']);
    const others = await refusal({ shell: 's0', headers: { authorization: 'EVE admin' } });
    assert.deepEqual(others.slice(0, 2), [403, 'AccessDeniedException']);
    assert.match(
      fixture.audit.lines.at(-1) ?? '',
      /user\/EVE berth:UseSession arn:\S+ \(The shell s0 belongs to/,
    );
    await ShellUser.open(fixture, { shell: 'other', session: 's2' });
    users[0]?.type('exit');
    await users[0]?.closed;
    await ShellUser.open(fixture, { shell: 'eleventh' });
  });

  it('and commands are for callers with bearer tokens, too, by sub-protocol or header', async () => {
    verifies('shells:headers', 'commands:permission');
    await using fixture = await open({ tokens: new FakeTokens() });
    const authorizer = { discoveryUrl: 'https://issuer.test/.well-known/openid-configuration' };
    fixture.sessions.targets.addVersion(echo, 2, { authorizer });
    const pair = 'base64UrlBearerAuthorization';

    const user = await ShellUser.open(fixture, {
      protocols: [`${pair}.${Buffer.from('jane').toString('base64url')}`, pair],
    });
    assert.equal(user.socket.protocol, pair);
    assert.equal(await user.run('echo on'), 'on\n');
    const call = { session: 's1', path: `${echoPath}/commands`, body: '{"command":"true"}' };
    const headers = { authorization: 'Bearer jane' };
    assert.equal((await fixture.call({ ...call, headers })).status, 200);
    assert.equal((await fixture.call(call)).status, 401);
  });

  it('ends with its sandbox, and says so', async () => {
    verifies('shells:session');
    await using fixture = await open();
    const user = await ShellUser.open(fixture);
    const [sandbox] = fixture.sessions.driver.sandboxes;

    if (sandbox !== undefined) await fixture.sessions.driver.exit(sandbox.id);

    assert.equal(await user.closed, 1000);
    assert.partialDeepStrictEqual(user.statuses[1], {
      status: 'Failure',
      reason: 'InternalError',
      code: 500,
    });
    assert.deepEqual(user.channels.slice(-3), ['stderr', 'status', 'close']);
  });

  it('keeps its session from being idle while somebody is there, and no longer', async () => {
    verifies('shells:session');
    const clock = new FakeClock();
    await using fixture = await open({ clock });
    fixture.sessions.targets.addVersion(echo, 2, { idleTimeoutS: 60 });
    const user = await ShellUser.open(fixture);

    await clock.advance(50 * 60_000);
    assert.equal(fixture.sessions.driver.removals.length, 0);
    user.socket.terminate();
    await ended(fixture, clock);
    await clock.advance(120_000);

    assert.equal(fixture.sessions.driver.removals.length, 1);
  });

  it('is left by a server that closes', async () => {
    verifies('shells:shutdown');
    await using fixture = await open();
    const user = await ShellUser.open(fixture);
    const [program] = fixture.sessions.driver.execs;

    await fixture.dataPlane[Symbol.asyncDispose]();

    assert.equal(await user.closed, 1001);
    assert.equal(await program?.exit, 137);
  });
});

/** From then on it only says what its lines write. */
async function silence(user: ShellUser): Promise<void> {
  await user.run('stty -echo');
  user.type('exec env PS1= PS2= /bin/sh');
  await user.run(':');
}

async function made(path: string): Promise<void> {
  while (!existsSync(path)) await setImmediate();
}
