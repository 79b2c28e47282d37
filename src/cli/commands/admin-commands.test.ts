import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { fakeContext } from '../testing/fake-context.ts';
import { fakeServer, refuse, runtimeNamed } from '../testing/fake-server.ts';

const hello = runtimeNamed('hello_node');
const list = { 'POST /runtimes/': { agentRuntimes: [hello] } };
const session = (id: string) => ({
  id,
  runtimeId: hello.agentRuntimeId,
  endpoint: 'DEFAULT',
  version: 1,
  state: 'ready',
  startedAtMs: 1,
  lastActivityAtMs: 1,
});

describe('berth login', () => {
  it('checks the key, remembers the server privately, and aims later commands at it', async () => {
    verifies('cli:login');
    await using server = await fakeServer({
      'GET /berth/v1/whoami': {
        accessKeyId: 'A',
        role: 'admin',
        accountId: '111122223333',
        region: 'eu-west-1',
      },
      'GET /berth/v1/images': { images: [] },
    });
    await using user = await fakeContext({ stdin: 'AKIAIOSFODNN7EXAMPLE\nthe-secret\n' });

    assert.equal(await user.run('login', `${server.url}/`), 0, user.stderr());
    assert.equal(await user.run('images', 'list'), 0, user.stderr());

    const path = join(user.folder, '.config', 'berth', 'client.json');
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    const file = JSON.parse(await readFile(path, 'utf8'));
    assert.equal(file.current, server.url);
    assert.equal(file.servers[0].accountId, '111122223333');
    assert.doesNotMatch(user.stdout(), /the-secret/);
    assert.match(
      server.seen.at(-1)?.headers.authorization ?? '',
      /Credential=AKIAIOSFODNN7EXAMPLE\/\d+\/eu-west-1\//,
    );
  });

  it('remembers nothing when the key is refused', async () => {
    await using server = await fakeServer({
      'GET /berth/v1/whoami': (_request, response) =>
        refuse(response, 403, 'UnrecognizedClientException', 'The key is unknown.'),
    });
    await using user = await fakeContext({ stdin: 'secret\n' });

    assert.equal(await user.run('login', server.url, '--access-key-id', 'AKIAIOSFODNN7EXAMPLE'), 4);

    assert.match(user.stderr(), /UnrecognizedClientException: The key is unknown/);
    await assert.rejects(stat(join(user.folder, '.config')));
  });
});

describe('berth keys and registry', () => {
  it('makes, lists and revokes access keys', async () => {
    verifies('cli:keys');
    const key = { id: 'AKIA1', name: 'ci', role: 'invoker', createdAtMs: 1 };
    await using server = await fakeServer({
      'POST /berth/v1/keys': { ...key, secret: 'shown-once' },
      'GET /berth/v1/keys': { keys: [key, { ...key, id: 'AKIA2', revokedAtMs: 2 }] },
      'DELETE /berth/v1/keys/AKIA1': (_request, response) => response.writeHead(204).end(),
    });
    await using user = await fakeContext({ env: server.env });

    assert.equal(await user.run('keys', 'create', '--name', 'ci', '--role', 'invoker'), 0);
    assert.equal(await user.run('keys', 'list'), 0);
    assert.equal(await user.run('keys', 'revoke', 'AKIA1'), 0);

    assert.deepEqual(JSON.parse(server.seen[0]?.body ?? ''), { name: 'ci', role: 'invoker' });
    assert.match(user.stdout(), /secret access key {2}shown-once/);
    assert.match(user.stdout(), /^AKIA2 +ci +invoker +revoked/m);
    assert.equal(await user.run('keys', 'create', '--role', 'root'), 2);
  });

  it('makes keys that are limited to runtimes by name and by tag, and shows their limits', async () => {
    verifies('authz:cli');
    const limits = { runtimes: ['team_a_*', 'shared'], tags: { team: 'a', stage: '' } };
    const key = { id: 'AKIA1', name: 'ci', role: 'deployer', ...limits, createdAtMs: 1 };
    await using server = await fakeServer({
      'POST /berth/v1/keys': { ...key, secret: 'shown-once' },
      'GET /berth/v1/keys': { keys: [key] },
    });
    await using user = await fakeContext({ env: server.env });
    const flags = ['--runtime', 'team_a_*', '--runtime', 'shared', '--tag', 'team=a', '--tag', 'stage='];

    assert.equal(await user.run('keys', 'create', '--role', 'deployer', ...flags), 0, user.stderr());
    assert.equal(await user.run('keys', 'list'), 0);
    assert.equal(await user.run('keys', 'create', '--role', 'deployer', '--tag', 'team'), 2);

    assert.deepEqual(JSON.parse(server.seen[0]?.body ?? ''), {
      name: 'unnamed',
      role: 'deployer',
      ...limits,
    });
    assert.match(user.stdout(), /limited to +team_a_\* shared team=a stage=/);
    assert.match(user.stdout(), /^AKIA1 .* team_a_\* shared team=a stage=$/m);
    assert.match(user.stderr(), /expected KEY=VALUE/);
  });

  it('keeps logins for other registries, and prints a bare token for a pipe', async () => {
    verifies('cli:registry');
    const none = (_request: unknown, response: { writeHead(status: number): { end(): void } }) =>
      response.writeHead(204).end();
    await using server = await fakeServer({
      'PUT /berth/v1/registry/credentials/ghcr.io%3A443': none,
      'DELETE /berth/v1/registry/credentials/ghcr.io%3A443': none,
      'GET /berth/v1/registry/credentials': {
        credentials: [{ host: 'ghcr.io:443', username: 'me', updatedAtMs: 1 }],
      },
      'POST /berth/v1/registry/token': { username: 'AWS', password: 'pw', expiresAtMs: 1 },
    });
    await using user = await fakeContext({ env: server.env, stdin: 'hunter2\n' });

    assert.equal(await user.run('registry', 'token'), 0);
    assert.equal(user.stdout(), 'pw\n');
    assert.equal(await user.run('registry', 'login', 'ghcr.io:443', '-u', 'me'), 0);
    assert.equal(await user.run('registry', 'list'), 0);
    assert.equal(await user.run('registry', 'logout', 'ghcr.io:443'), 0);

    assert.deepEqual(JSON.parse(server.seen[1]?.body ?? ''), { username: 'me', password: 'hunter2' });
    assert.match(user.stdout(), /^ghcr\.io:443 +me/m);
    assert.doesNotMatch(user.stdout(), /hunter2/);
  });
});

describe('berth sessions, logs and images', () => {
  it('lists, shows and stops sessions, also by the beginning of an id', async () => {
    verifies('cli:sessions');
    const root = `/berth/v1/sessions/${hello.agentRuntimeId}`;
    await using server = await fakeServer({
      ...list,
      'GET /berth/v1/sessions': { sessions: [session('aaa-1'), session('aab-2')] },
      [`POST ${root}/aaa-1/stop`]: {},
      [`POST ${root}/aab-2/stop`]: {},
    });
    await using user = await fakeContext({ env: server.env });

    assert.equal(await user.run('sessions', 'list', 'hello_node', '--all'), 0);
    assert.match(user.stdout(), /^aab-2 +hello_node-abcdefghij +DEFAULT +1 +ready/m);
    assert.match(server.seen.at(-1)?.url ?? '', /runtimeId=hello_node-abcdefghij&all=true/);
    assert.equal(await user.run('sessions', 'show', 'hello_node', 'aaa'), 0);
    assert.match(user.stdout(), /^session +aaa-1$/m);
    assert.equal(await user.run('sessions', 'stop', 'hello_node', 'aa'), 1);
    assert.match(user.stderr(), /begins the id of 2 sessions/);
    assert.equal(await user.run('sessions', 'stop', 'hello_node'), 2);
    assert.equal(await user.run('sessions', 'stop', 'hello_node', '--all'), 0);

    const stopped = server.seen
      .filter((request) => request.url.endsWith('/stop'))
      .map((request) => request.url);
    assert.deepEqual(stopped, [`${root}/aaa-1/stop`, `${root}/aab-2/stop`]);
  });

  it('prints logs with control sequences escaped, whole across chunk borders, and follows until Ctrl-C', async () => {
    verifies('cli:logs');
    await using server = await fakeServer({
      ...list,
      'GET /berth/v1/logs': (request, response) => {
        const bytes = Buffer.from('one ä\n\u001b[2Jtwo\r\nthree');
        response.write(bytes.subarray(0, 5));
        setImmediate(() => {
          response.write(bytes.subarray(5));
          if (!request.url.includes('follow')) response.end();
        });
      },
    });
    await using user = await fakeContext({ env: server.env });
    const expected = 'one ä\n\\x1b[2Jtwo\\x0d\n';

    assert.equal(await user.run('logs', 'hello_node', '--session', 's', '--tail', '7'), 0);
    assert.equal(user.stdout(), `${expected}three\n`);
    assert.match(server.seen.at(-1)?.url ?? '', /runtimeId=hello_node-abcdefghij&sessionId=s&tail=7/);

    const following = user.run('logs', 'hello_node', '-f');
    while (!user.stdout().endsWith(`three\n${expected}`))
      await new Promise((resolve) => setImmediate(resolve));
    user.interrupt();
    assert.equal(await following, 130);
  });

  it('lists all pages of images, and deletes by tag or digest', async () => {
    verifies('cli:images');
    const digest = `sha256:${'a'.repeat(64)}`;
    await using server = await fakeServer({
      'GET /berth/v1/images': (request, response) => {
        const isSecond = request.url.includes('nextToken=more');
        const image = {
          repository: 'hello',
          tag: isSecond ? 'v2' : 'v1',
          digest,
          sizeBytes: 12_300_000,
          pushedAtMs: 1,
        };
        response.end(JSON.stringify({ images: [image], ...(!isSecond && { nextToken: 'more' }) }));
      },
      'DELETE /berth/v1/images': (_request, response) => response.writeHead(204).end(),
    });
    await using user = await fakeContext({ env: server.env });

    assert.equal(await user.run('images', 'list'), 0);
    assert.equal(await user.run('images', 'delete', 'me/hello:v1'), 0);
    assert.equal(await user.run('images', 'delete', `hello@${digest}`), 0);
    assert.equal(await user.run('images', 'delete', 'hello'), 2);

    assert.match(user.stdout(), /^hello +v1 +sha256:a+ +12\.3 MB/m);
    assert.match(user.stdout(), /^hello +v2/m);
    assert.match(server.seen.at(-2)?.url ?? '', /repository=me%2Fhello&reference=v1$/);
    assert.match(server.seen.at(-1)?.url ?? '', /repository=hello&reference=sha256%3Aa/);
  });
});

describe('berth sessions storage', () => {
  it('shows what the storage of each session takes and how long it is kept', async () => {
    verifies('session-storage:shown');
    const storage = {
      sessionId: 's'.repeat(40),
      runtimeId: hello.agentRuntimeId,
      version: 3,
      usedBytes: 2_000_000,
      sizeBytes: 1_000_000_000,
      lastUsedAtMs: Date.now() - 3_600_000,
      keptUntilMs: Date.now() + 13 * 86_400_000 + 60_000,
    };
    await using server = await fakeServer({
      ...list,
      'GET /berth/v1/session-storage': { sessionStorage: [storage] },
    });
    await using user = await fakeContext({ env: server.env });

    assert.equal(await user.run('sessions', 'storage', 'hello_node'), 0, user.stderr());

    assert.match(user.stdout(), /s{40} .* 3 .*2\.0 MB .*1\.0 GB/);
  });
});
