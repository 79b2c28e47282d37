import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { fakeContext } from '../testing/fake-context.ts';
import { fakeServer, refuse, runtimeNamed } from '../testing/fake-server.ts';

const hello = runtimeNamed('hello_node');
const list = { 'POST /runtimes/': { agentRuntimes: [hello] } };
const path = `/runtimes/${hello.agentRuntimeId}/`;

describe('berth runtimes and endpoints', () => {
  it('lists every page, shows without the values of variables, and deletes', async () => {
    verifies('cli:runtimes');
    await using server = await fakeServer({
      'POST /runtimes/': (request, response) => {
        const isSecond = request.url.includes('nextToken=a%2Bb');
        const agentRuntimes = [isSecond ? hello : runtimeNamed('other')];
        response.end(JSON.stringify({ agentRuntimes, ...(!isSecond && { nextToken: 'a+b' }) }));
      },
      [`GET ${path}`]: { ...hello, roleArn: 'arn:r', environmentVariables: { TOKEN: 'hidden' } },
      [`POST ${path}versions/`]: { agentRuntimes: [hello] },
      [`DELETE ${path}`]: { status: 'DELETING' },
    });
    await using user = await fakeContext({ env: server.env });

    assert.equal(await user.run('runtimes', 'list'), 0);
    assert.match(user.stdout(), /^other .*\nhello_node +hello_node-abcdefghij +1 +READY/m);
    assert.equal(await user.run('runtimes', 'show', 'hello_node'), 0);
    assert.match(user.stdout(), /^environment +TOKEN$/m);
    assert.doesNotMatch(user.stdout(), /hidden/);
    assert.equal(await user.run('runtimes', 'versions', 'hello_node'), 0);
    assert.equal(await user.run('runtimes', 'delete', 'hello_node', '--runtime-version', '1'), 0);
    assert.equal(server.seen.at(-1)?.url, `${path}?version=1`);
  });

  it("sets, unsets and shows the options of a runtime's sandboxes as its tags", async () => {
    verifies('sandbox-options:cli');
    const tags = `/tags/${encodeURIComponent(hello.agentRuntimeArn)}`;
    await using server = await fakeServer({
      ...list,
      [`POST ${tags}`]: {},
      [`DELETE ${tags}`]: {},
      [`GET ${tags}`]: { tags: { 'berth:memory': '512MiB', team: 'red' } },
    });
    await using user = await fakeContext({ env: server.env });

    assert.equal(
      await user.run('runtimes', 'options', 'hello_node', 'memory=512MiB', 'isolation=', 'hibernate='),
      0,
      user.stderr(),
    );
    assert.match(user.stdout(), /^memory +512MiB$/m);
    assert.doesNotMatch(user.stdout(), /team/);
    assert.deepEqual(
      server.seen.slice(1, 3).map(({ method, url, body }) => [method, url, body]),
      [
        ['POST', tags, '{"tags":{"berth:memory":"512MiB"}}'],
        ['DELETE', `${tags}?tagKeys=berth%3Aisolation&tagKeys=berth%3Ahibernate`, ''],
      ],
    );
    assert.equal(await user.run('runtimes', 'options', 'hello_node', 'memory'), 2);
    assert.match(user.stderr(), /expected OPTION=VALUE/);
  });

  it('makes, moves, shows and deletes endpoints', async () => {
    const endpoint = { name: 'prod', status: 'READY', liveVersion: '1', targetVersion: '2' };
    await using server = await fakeServer({
      ...list,
      [`PUT ${path}runtime-endpoints/`]: { status: 'CREATING' },
      [`PUT ${path}runtime-endpoints/prod/`]: { status: 'UPDATING' },
      [`GET ${path}runtime-endpoints/prod/`]: endpoint,
      [`POST ${path}runtime-endpoints/`]: { runtimeEndpoints: [endpoint] },
      [`DELETE ${path}runtime-endpoints/prod/`]: { status: 'DELETING' },
    });
    await using user = await fakeContext({ env: server.env });

    for (const command of ['create', 'update']) {
      assert.equal(
        await user.run('endpoints', command, 'hello_node', 'prod', '--runtime-version', '2'),
        0,
        user.stderr(),
      );
    }
    assert.equal(await user.run('endpoints', 'show', 'hello_node', 'prod'), 0);
    assert.equal(await user.run('endpoints', 'list', 'hello_node'), 0);
    assert.equal(await user.run('endpoints', 'delete', 'hello_node', 'prod'), 0);

    const bodies = server.seen
      .filter((request) => request.method === 'PUT')
      .map((request) => JSON.parse(request.body));
    assert.deepEqual(bodies, [{ name: 'prod', agentRuntimeVersion: '2' }, { agentRuntimeVersion: '2' }]);
    assert.match(user.stdout(), /Endpoint prod points at version 2/);
  });
});

describe('exit codes and errors', () => {
  it('tells failure, wrong usage, no server and not allowed apart, and says what to do', async () => {
    verifies('cli:exit-codes');
    await using server = await fakeServer({
      'POST /runtimes/': (_request, response) => refuse(response, 400, 'ValidationException', 'bad'),
      'GET /berth/v1/keys': (_request, response) =>
        refuse(response, 403, 'AccessDeniedException', 'not for you'),
      'GET /berth/v1/images': { surprise: true },
    });
    await using user = await fakeContext({ env: server.env });
    await using nowhere = await fakeContext({ env: { ...server.env, BERTH_ENDPOINT: 'http://127.0.0.1:9' } });

    assert.equal(await user.run('runtimes', 'list'), 1);
    assert.match(user.stderr(), /berth: ValidationException: bad/);
    assert.equal(await user.run('keys', 'list'), 4);
    assert.equal(await user.run('images', 'list'), 1);
    assert.match(user.stderr(), /answer was not understood/);
    assert.equal(await user.run('runtmes'), 2);
    assert.match(user.stderr(), /Did you mean runtimes\?/);
    assert.equal(await nowhere.run('runtimes', 'list'), 3);
    assert.match(nowhere.stderr(), /No Berth server answers at http:\/\/127\.0\.0\.1:9 .*\n.*berth up/);
    assert.equal(await user.run('--help'), 0);

    await using stranger = await fakeServer({
      'POST /runtimes/': (_request, response) =>
        response.writeHead(501, { 'content-type': 'text/html' }).end('<html>'),
    });
    await using lost = await fakeContext({ env: stranger.env });
    assert.equal(await lost.run('runtimes', 'list'), 3);
    assert.match(lost.stderr(), /Something else than a Berth server answers at .* \(501, text\/html\)/);
  });

  it('reports errors as JSON too, and takes an empty list for one', async () => {
    await using server = await fakeServer({ 'POST /runtimes/': { agentRuntimes: [] } });
    await using user = await fakeContext({ env: server.env });

    assert.equal(await user.run('runtimes', 'list', '--json'), 0);
    assert.deepEqual(JSON.parse(user.stdout()), []);
    assert.equal(await user.run('keys', 'list', '--json'), 1);
    assert.equal(JSON.parse(user.stderr()).error.type, 'ResourceNotFoundException');
  });
});
