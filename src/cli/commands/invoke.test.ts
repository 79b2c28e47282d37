import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { fakeContext } from '../testing/fake-context.ts';
import { fakeServer, refuse, runtimeNamed } from '../testing/fake-server.ts';

const hello = runtimeNamed('hello_node');
const list = { 'POST /runtimes/': { agentRuntimes: [hello] } };
const invoke = `POST /runtimes/${encodeURIComponent(hello.agentRuntimeArn)}/invocations`;
const sessionHeader = 'x-amzn-bedrock-agentcore-runtime-session-id';

describe('berth invoke', () => {
  it('prints each part of the answer as it arrives, the session id on stderr', async () => {
    verifies('cli:invoke');
    let finish: (() => void) | undefined;
    await using server = await fakeServer({
      ...list,
      [invoke]: (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream', [sessionHeader]: 'the-session' });
        response.write('data: 1\n\n');
        finish = () => response.end('data: 2\n\n');
      },
    });
    await using user = await fakeContext({ env: server.env });

    const done = user.run(
      'invoke',
      'hello-node',
      '{"prompt":"hi"}',
      '--endpoint',
      'prod',
      '--user',
      'u1',
      '-H',
      'X-Trace: a b',
    );
    while (user.stdout() !== 'data: 1\n\n') await new Promise((resolve) => setImmediate(resolve));
    finish?.();

    assert.equal(await done, 0);
    assert.equal(user.stdout(), 'data: 1\n\ndata: 2\n\n');
    assert.equal(user.stderr(), 'session: the-session\n');
    const request = server.seen.at(-1);
    assert.equal(request?.body, '{"prompt":"hi"}');
    assert.equal(request.url.split('?')[1], 'qualifier=prod');
    assert.equal(request.headers['content-type'], 'application/json');
    assert.equal(request.headers['x-amzn-bedrock-agentcore-runtime-user-id'], 'u1');
    assert.equal(request.headers['x-trace'], 'a b');
    assert.ok(String(request.headers[sessionHeader]).length >= 33);
  });

  it('proves the caller with a bearer token instead of a signature', async () => {
    verifies('cli:invoke-bearer');
    await using server = await fakeServer({ ...list, [invoke]: { ok: true } });
    await using user = await fakeContext({ env: server.env });

    assert.equal(await user.run('invoke', 'hello_node', 'hi', '--bearer-token', ' a.b.c\n'), 0);

    const { headers, body } = server.seen.at(-1) ?? {};
    assert.equal(headers?.authorization, 'Bearer a.b.c');
    assert.deepEqual([headers['x-amz-date'], body], [undefined, '{"prompt":"hi"}']);
  });

  it('takes a bearer token from the environment, where no process list shows it', async () => {
    verifies('cli:bearer-variable');
    await using server = await fakeServer({ ...list, [invoke]: { ok: true } });
    const proofOf = async (token: string, ...line: readonly string[]) => {
      await using user = await fakeContext({ env: { ...server.env, BERTH_BEARER_TOKEN: token } });
      assert.equal(await user.run('invoke', 'hello_node', 'hi', ...line), 0);
      return server.seen.at(-1)?.headers.authorization;
    };

    assert.equal(await proofOf('a.b.c\n'), 'Bearer a.b.c');
    assert.equal(await proofOf('a.b.c', '--bearer-token', 'd.e.f'), 'Bearer d.e.f');
    assert.match((await proofOf('')) ?? '', /^AWS4-HMAC-SHA256 /);
  });

  it('takes plain text as a prompt, a file, or standard input', async () => {
    await using server = await fakeServer({ ...list, [invoke]: { ok: true } });
    await using user = await fakeContext({ env: server.env, stdin: '{"from":"stdin"}' });
    await writeFile(join(user.folder, 'request'), '{"from":"file"}');

    assert.equal(await user.run('invoke', 'hello_node', 'say "hi"'), 0);
    assert.equal(await user.run('invoke', 'hello_node', '--file', join(user.folder, 'request')), 0);
    assert.equal(await user.run('invoke', 'hello_node', '-', '--json'), 0);

    const bodies = server.seen
      .filter((request) => request.url.includes('invocations'))
      .map((request) => request.body);
    assert.deepEqual(bodies, ['{"prompt":"say \\"hi\\""}', '{"from":"file"}', '{"from":"stdin"}']);
    assert.match(user.stdout(), /"body": \{\n {4}"ok": true/);
  });

  it('refuses JSON with a slip of the pen, and headers of the signature, before anything is sent', async () => {
    await using server = await fakeServer({});
    await using user = await fakeContext({ env: server.env });

    assert.equal(await user.run('invoke', 'hello_node', '{"prompt": hi}'), 2);
    assert.equal(await user.run('invoke', 'hello_node', 'hi', '-H', 'Authorization: x'), 2);
    assert.equal(await user.run('invoke', 'hello_node'), 2);
    assert.deepEqual(server.seen, []);
  });

  it('shows control characters of an agent on a terminal instead of sending them there', async () => {
    await using server = await fakeServer({
      ...list,
      [invoke]: (_request, response) => response.end('\u001b]0;owned\u0007ä'),
    });
    await using user = await fakeContext({ env: server.env, isTTY: true });

    await user.run('invoke', 'hello_node', 'hi');

    assert.equal(user.stdout(), '\\x1b]0;owned\\x07ä\n');
  });

  it('says that an answer broke off', async () => {
    await using server = await fakeServer({
      ...list,
      [invoke]: (_request, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half', () => response.destroy());
      },
    });
    await using user = await fakeContext({ env: server.env });

    assert.equal(await user.run('invoke', 'hello_node', 'hi'), 1);

    assert.equal(user.stdout(), 'half');
    assert.match(user.stderr(), /The answer broke off/);
  });

  it('finds a runtime by name, id or ARN, and names the others when there is none', async () => {
    verifies('cli:names');
    await using server = await fakeServer({ ...list, [invoke]: {} });
    await using user = await fakeContext({ env: server.env });

    for (const name of ['hello_node', 'hello-node', hello.agentRuntimeId, hello.agentRuntimeArn]) {
      assert.equal(await user.run('invoke', name, 'hi'), 0, name);
    }
    assert.equal(await user.run('invoke', 'other', 'hi'), 1);
    assert.match(user.stderr(), /There is no runtime 'other'\.\nThere are: hello_node\./);
  });

  it('calls by id with a key that may only invoke, and says so when given a name', async () => {
    await using server = await fakeServer({
      'POST /runtimes/': (_request, response) => refuse(response, 403, 'AccessDeniedException', 'no'),
      [invoke]: {},
    });
    await using user = await fakeContext({ env: server.env });

    assert.equal(await user.run('invoke', hello.agentRuntimeId, 'hi'), 0);
    assert.equal(await user.run('invoke', 'hello_node', 'hi'), 4);
    assert.match(user.stderr(), /Give its id or ARN/);
  });
});
