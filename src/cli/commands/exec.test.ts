import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { encodeEvent, encodeException, eventStreamType } from '../../shared/event-stream.ts';
import { fakeContext } from '../testing/fake-context.ts';
import { type Answer, fakeServer, refuse, runtimeNamed } from '../testing/fake-server.ts';

const hello = runtimeNamed('hello_node');
const list = { 'POST /runtimes/': { agentRuntimes: [hello] } };
const commands = `POST /runtimes/${encodeURIComponent(hello.agentRuntimeArn)}/commands`;
const sessionHeader = 'x-amzn-bedrock-agentcore-runtime-session-id';

const start = encodeEvent('chunk', { contentStart: {} });
const delta = (content: object) => encodeEvent('chunk', { contentDelta: content });
const stop = (exitCode: number, status = 'COMPLETED') =>
  encodeEvent('chunk', { contentStop: { exitCode, status } });

/** Answers with these frames. */
function stream(...frames: readonly Uint8Array[]): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': eventStreamType });
    response.end(Buffer.concat([start, ...frames]));
  };
}

describe('berth exec', () => {
  it('prints what a command writes as it arrives and ends with its exit code', async () => {
    verifies('cli:exec');
    let finish: (() => void) | undefined;
    await using server = await fakeServer({
      ...list,
      [commands]: (_request, response) => {
        response.writeHead(200, { 'content-type': eventStreamType });
        response.write(Buffer.concat([start, delta({ stdout: 'one\n' })]));
        finish = () => response.end(Buffer.concat([delta({ stderr: 'two\n' }), stop(42)]));
      },
    });
    await using user = await fakeContext({ env: server.env });

    const done = user.run('exec', 'hello-node', '-e', 'prod', '-t', '60', '--', 'ls', '-l', "it's", '/tmp');
    while (user.stdout() !== 'one\n') await setImmediate();
    finish?.();

    assert.equal(await done, 42);
    assert.equal(user.stdout(), 'one\n');
    assert.match(user.stderr(), /^session: [0-9a-f-]{36}\ntwo\n$/);
    const request = server.seen.at(-1);
    assert.deepEqual(JSON.parse(request?.body ?? ''), {
      command: String.raw`ls -l 'it'\''s' /tmp`,
      timeout: 60,
    });
    assert.equal(request?.url.split('?')[1], 'qualifier=prod');
  });

  it('takes a single word as a line for the shell, in the session that is named', async () => {
    verifies('cli:exec', 'cli:bearer-variable');
    const session = 's'.repeat(33);
    await using server = await fakeServer({ ...list, [commands]: stream(stop(0)) });
    await using user = await fakeContext({ env: { ...server.env, BERTH_BEARER_TOKEN: 'a.b.c' } });

    const line = ['--session', session, '--', 'ls | wc -l'];
    assert.equal(await user.run('exec', 'hello_node', ...line), 0);

    assert.deepEqual(JSON.parse(server.seen.at(-1)?.body ?? ''), { command: 'ls | wc -l' });
    assert.equal(server.seen.at(-1)?.headers[sessionHeader], session);
    assert.equal(server.seen.at(-1)?.headers.authorization, 'Bearer a.b.c');
    assert.equal(user.stderr(), '');
  });

  it('prints one object with --json, and keeps control sequences from a terminal', async () => {
    verifies('cli:exec', 'sandboxes:log-escaped');
    const frames = stream(delta({ stdout: '\u001b[31mred' }), delta({ stderr: 'e' }), stop(3));
    await using server = await fakeServer({ ...list, [commands]: frames });
    await using user = await fakeContext({ env: server.env });
    await using terminal = await fakeContext({ env: server.env, isTTY: true });

    assert.equal(await user.run('exec', 'hello_node', '--json', '--', 'true'), 3);
    assert.equal(await terminal.run('exec', 'hello_node', '--', 'true'), 3);

    const { sessionId, ...rest } = JSON.parse(user.stdout());
    assert.equal(sessionId.length, 36);
    assert.deepEqual(rest, { exitCode: 3, status: 'COMPLETED', stdout: '\u001b[31mred', stderr: 'e' });
    assert.equal(terminal.stdout(), '\\x1b[31mred');
  });

  it('ends with 124 when the command ran out of time', async () => {
    verifies('cli:exec');
    await using server = await fakeServer({ ...list, [commands]: stream(stop(-1, 'TIMED_OUT')) });
    await using user = await fakeContext({ env: server.env });

    assert.equal(await user.run('exec', 'hello_node', '--', 'sleep', '9'), 124);

    assert.match(user.stderr(), /ran out of time/);
  });

  it('says what went wrong before, in and after the stream', async () => {
    verifies('cli:exec');
    const answers: readonly (readonly [Answer, number, RegExp])[] = [
      [
        (_request, response) => refuse(response, 403, 'AccessDeniedException', 'not allowed'),
        4,
        /AccessDeniedException: not allowed/,
      ],
      [
        stream(encodeException('runtimeClientError', { message: 'it is gone' })),
        1,
        /RuntimeClientError: it is gone/,
      ],
      [stream(delta({ stdout: 'x' })), 1, /broke off: it ended without an exit code/],
      [stream(Buffer.from('this is no frame')), 1, /broke off: .*no event stream/],
    ];
    for (const [answer, code, message] of answers) {
      await using server = await fakeServer({ ...list, [commands]: answer });
      await using user = await fakeContext({ env: server.env });
      assert.equal(await user.run('exec', 'hello_node', '--', 'true'), code);
      assert.match(user.stderr(), message);
    }
    await using user = await fakeContext();
    assert.equal(await user.run('exec', 'hello_node', '--timeout', '0', '--', 'true'), 2);
    assert.equal(await user.run('exec', 'hello_node'), 2);
  });
});
