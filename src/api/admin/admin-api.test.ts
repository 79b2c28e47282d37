import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { AccountId, RuntimeId, SessionId, VolumeId } from '../../shared/ids.ts';
import { type AdminFixtureOptions, startAdminApi } from './testing/admin-fixture.ts';
import { fakeSession } from './testing/fake-sessions.ts';

const root = '/berth/v1';
const digest = `sha256:${'a'.repeat(64)}` as const;

async function body(answer: Response): Promise<Record<string, unknown>> {
  assert.equal(answer.ok, true, `${answer.status} ${await answer.clone().text()}`);
  return (await answer.json()) as Record<string, unknown>;
}

describe("Berth's own API", () => {
  it('tells what server it is', async (context) => {
    verifies('admin:server');
    const { call } = await startAdminApi(context);
    const { version, region, accountId, engine, liveSessions } = await body(
      await call('GET', `${root}/server`),
    );
    assert.deepEqual([version, region, accountId, liveSessions], ['0.1.0', 'us-east-1', '111122223333', 3]);
    assert.equal((engine as { isolation: string }).isolation, 'runc');
  });

  it('makes, lists and revokes keys, and shows a secret once', async (context) => {
    verifies('admin:keys', 'auth:last-admin');
    const { call, admin } = await startAdminApi(context);
    const made = await call('POST', `${root}/keys`, { body: { role: 'invoker', name: 'web' } });
    assert.equal(made.status, 201);
    const { id, secret } = await body(made);
    assert.match(String(secret), /^.{40}$/);
    const listed = JSON.stringify(await body(await call('GET', `${root}/keys`)));
    assert.ok(listed.includes(String(id)));
    assert.equal(listed.includes(String(secret)) || listed.includes(admin.secret), false);
    assert.equal((await call('DELETE', `${root}/keys/${String(id)}`)).status, 204);
    const last = await call('DELETE', `${root}/keys/${admin.id}`);
    assert.deepEqual([last.status, last.headers.get('x-amzn-errortype')], [409, 'ConflictException']);
  });

  it('changes the key that workload tokens are signed with', async (context) => {
    verifies('token:rotation');
    const { call, accessKeys } = await startAdminApi(context);
    const path = `${root}/identity/signing-key/rotate`;
    const answer = await call('POST', path);
    assert.deepEqual([answer.status, await body(answer)], [201, { keyId: 'key-2' }]);
    const key = await accessKeys.create('invoker', 'web');
    assert.equal((await call('POST', path, { key })).status, 403);
  });

  it('issues tokens of the development issuer, where there is one', async (context) => {
    verifies('auth:development-issuer');
    const issued: unknown[] = [];
    const developmentIssuer: AdminFixtureOptions['developmentIssuer'] = {
      discoveryUrl: 'http://127.0.0.1:4700/berth-issuer/.well-known/openid-configuration',
      async issue(request) {
        issued.push(request);
        return { token: 'a.b.c', expiresAtMs: 5 };
      },
    };
    const { call, accessKeys } = await startAdminApi(context, { developmentIssuer });
    const path = `${root}/development-issuer/token`;
    const request = { clientId: 'web', username: 'ann' };
    const { discoveryUrl } = developmentIssuer;
    assert.deepEqual(await body(await call('POST', path, { body: request })), {
      token: 'a.b.c',
      expiresAtMs: 5,
      discoveryUrl,
    });
    assert.deepEqual(issued, [{ ...request, scopes: [], lifetimeS: 3_600 }]);
    for (const wrong of [
      {},
      { ...request, lifetimeS: 0 },
      { ...request, scopes: ['a b'] },
      { ...request, sub: 'x' },
    ])
      assert.equal((await call('POST', path, { body: wrong })).status, 400);
    const key = await accessKeys.create('invoker', 'web');
    assert.equal((await call('POST', path, { body: request, key })).status, 403);
    const { call: elsewhere } = await startAdminApi(context);
    const none = await elsewhere('POST', path, { body: request });
    assert.equal(none.status, 404);
    assert.match(await none.text(), /no development issuer/);
  });

  it('lets invoke keys ask who they are and get a registry token, and nothing else', async (context) => {
    verifies('auth:roles');
    const { call, accessKeys } = await startAdminApi(context);
    const key = await accessKeys.create('invoker', 'web');
    const { accessKeyId, role } = await body(await call('GET', `${root}/whoami`, { key }));
    assert.deepEqual([accessKeyId, role], [key.id, 'invoker']);
    assert.equal((await body(await call('POST', `${root}/registry/token`, { key })))['username'], 'AWS');
    for (const [method, path] of [
      ['GET', '/server'],
      ['GET', '/keys'],
      ['POST', '/keys'],
      ['GET', '/registry/credentials'],
      ['GET', '/sessions'],
      ['GET', '/images'],
      ['GET', '/logs?runtimeId=a'],
    ] as const) {
      const answer = await call(method, root + path, { key });
      assert.deepEqual(
        [path, answer.status, answer.headers.get('x-amzn-errortype')],
        [path, 403, 'AccessDeniedException'],
      );
    }
  });

  it('keeps logins for other registries and never gives their passwords out', async (context) => {
    verifies('admin:registry-credentials');
    const { call } = await startAdminApi(context);
    const path = `${root}/registry/credentials/GHCR.io%3A5000`;
    assert.equal((await call('PUT', path, { body: { username: 'me', password: 'hush' } })).status, 204);
    const { credentials } = await body(await call('GET', `${root}/registry/credentials`));
    assert.deepEqual(credentials, [{ host: 'ghcr.io:5000', username: 'me', updatedAtMs: 5 }]);
    assert.equal((await call('DELETE', path)).status, 204);
    assert.equal((await call('DELETE', path)).status, 404);
    const wrong = `${root}/registry/credentials/a%20b`;
    assert.equal((await call('PUT', wrong, { body: { username: 'me', password: 'hush' } })).status, 400);
  });

  it('lists sessions by runtime and state in stable pages, shows one and stops it', async (context) => {
    verifies('admin:sessions');
    const longId = 'é/'.repeat(120) as SessionId;
    const { call, sessions } = await startAdminApi(context, {
      sessions: [
        ...[1, 2, 3].map((start) => fakeSession({ id: `session-${start}` as SessionId, startedAtMs: start })),
        fakeSession({ id: longId, runtimeId: 'other-AbCdEf1234' as RuntimeId }),
        fakeSession({ id: 'gone' as SessionId, state: 'ended', endReason: 'idle', startedAtMs: 9 }),
      ],
    });
    const ids = async (query: string) => {
      const answer = await body(await call('GET', `${root}/sessions?${query}`));
      const found = (answer['sessions'] as { id: string }[]).map(({ id }) => id);
      return { found, nextToken: String(answer['nextToken']) };
    };
    const runtime = 'runtimeId=hello-AbCdEf1234';
    const first = await ids(`${runtime}&maxResults=2`);
    assert.deepEqual(first.found, ['session-3', 'session-2']);
    sessions.sessions.push(fakeSession({ id: 'session-4' as SessionId, startedAtMs: 4 }));
    assert.deepEqual((await ids(`${runtime}&maxResults=2&nextToken=${first.nextToken}`)).found, [
      'session-1',
    ]);
    assert.deepEqual((await ids('state=ended')).found, ['gone']);
    assert.equal((await ids('all=true')).found.length, 6);

    const path = `${root}/sessions/other-AbCdEf1234/${encodeURIComponent(longId)}`;
    const shown = await body(await call('GET', path));
    assert.deepEqual([shown['id'], shown['state'], shown['sandboxId']], [longId, 'ready', 'sb-1']);
    assert.equal((await call('POST', `${path}/stop`)).status, 204);
    assert.equal((await body(await call('GET', path)))['endReason'], 'stopped');
    assert.equal((await call('GET', `${root}/sessions/hello-AbCdEf1234/nobody`)).status, 404);
  });

  it('lists images and deletes a tag', async (context) => {
    verifies('admin:images');
    const image = { repository: 'a/b', tag: 'v1', digest, mediaType: 'm', sizeBytes: 12, updatedAtMs: 3 };
    const { call } = await startAdminApi(context, { images: [image] });
    const { images } = await body(await call('GET', `${root}/images`));
    assert.deepEqual(images, [{ repository: 'a/b', tag: 'v1', digest, sizeBytes: 12, pushedAtMs: 3 }]);
    assert.equal((await call('DELETE', `${root}/images?repository=a%2Fb&reference=v1`)).status, 204);
    assert.equal((await call('DELETE', `${root}/images?repository=a%2Fb&reference=v1`)).status, 404);
  });

  it('tells how far the image of a version has come', async (context) => {
    verifies('images:progress');
    const { call } = await startAdminApi(context);
    const path = `${root}/runtimes/hello-AbCdEf1234/versions`;
    const going = await body(await call('GET', `${path}/2/preparation`));
    assert.deepEqual(going, { phase: 'pulling', done: 10, total: 30 });
    assert.deepEqual(await body(await call('GET', `${path}/1/preparation`)), {});
    const costly = await body(await call('GET', `${path}/3/preparation`));
    assert.deepEqual(costly, { warning: 'It is emulated.' });
    assert.equal((await call('GET', `${root}/runtimes/other-AbCdEf1234/versions/1/preparation`)).status, 404);
  });

  it('streams logs as plain text', async (context) => {
    verifies('admin:logs');
    const { call } = await startAdminApi(context);
    const answer = await call('GET', `${root}/logs?runtimeId=hello-AbCdEf1234&tail=5&follow=true`);
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/);
    assert.equal(await answer.text(), 'tail 5 follow true\n');
    assert.equal((await call('GET', `${root}/logs?runtimeId=nobody`)).status, 404);
  });

  it('answers errors in the form of AWS', async (context) => {
    verifies('admin:errors', 'auth:unsigned');
    const { call, url, unexpected } = await startAdminApi(context);
    for (const [method, path, given, status, type] of [
      ['GET', '/nothing', undefined, 404, 'UnknownOperationException'],
      ['PATCH', '/keys', undefined, 404, 'UnknownOperationException'],
      ['POST', '/keys', '{', 400, 'ValidationException'],
      ['POST', '/keys', '{"role":"root"}', 400, 'ValidationException'],
      ['POST', '/keys', '{"role":"admin","more":1}', 400, 'ValidationException'],
      ['POST', '/keys', `{"role":"admin","name":"${'x'.repeat(70_000)}"}`, 400, 'ValidationException'],
      ['GET', '/sessions?state=asleep', undefined, 400, 'ValidationException'],
      ['GET', '/sessions?nextToken=x', undefined, 400, 'ValidationException'],
      ['GET', '/logs', undefined, 400, 'ValidationException'],
    ] as const) {
      const answer = await call(method, root + path, given === undefined ? {} : { body: given });
      assert.deepEqual([path, answer.status, answer.headers.get('x-amzn-errortype')], [path, status, type]);
      assert.ok(answer.headers.get('x-amzn-requestid'));
      assert.ok(((await answer.json()) as { message: string }).message);
    }
    for (const path of ['/keys', '/nothing']) {
      const unsigned = await fetch(url + root + path, { method: 'POST', body: '{' });
      assert.deepEqual(
        [unsigned.status, unsigned.headers.get('x-amzn-errortype')],
        [403, 'MissingAuthenticationTokenException'],
      );
    }
    assert.deepEqual(unexpected, []);
  });
});

describe('health and metrics', () => {
  it('need no key on loopback', async (context) => {
    verifies('admin:health');
    const { url } = await startAdminApi(context);
    assert.equal(await (await fetch(`${url}/healthz`)).text(), 'ok\n');
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
    assert.equal(await (await fetch(`${url}/metrics`)).text(), 'berth_live_sessions 3\n');
  });

  it('say why the server is not ready', async (context) => {
    verifies('admin:health');
    const { url } = await startAdminApi(context, { notReady: ['The engine does not answer.'] });
    const answer = await fetch(`${url}/readyz`);
    assert.deepEqual([answer.status, await answer.text()], [503, 'The engine does not answer.\n']);
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
  });

  it('show metrics to admins only where strangers can connect', async (context) => {
    verifies('admin:health');
    const { url, call, accessKeys } = await startAdminApi(context, { areMetricsOpen: false });
    assert.equal((await fetch(`${url}/metrics`)).status, 403);
    const key = await accessKeys.create('invoker', 'web');
    assert.equal((await call('GET', '/metrics', { key })).status, 403);
    assert.equal(await (await call('GET', '/metrics')).text(), 'berth_live_sessions 3\n');
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
  });

  it('shows the storage of sessions: what it takes, when it was used, how long it is kept', async (context) => {
    verifies('session-storage:shown');
    const storage = {
      accountId: '111122223333' as AccountId,
      region: 'us-east-1',
      runtimeId: 'hello-AbCdEf1234' as RuntimeId,
      sessionId: 's'.repeat(40) as SessionId,
      version: 2,
      volume: 'vol-1' as VolumeId,
      sizeBytes: 1_000,
      createdAtMs: 5,
      lastUsedAtMs: 10,
    };
    const { call } = await startAdminApi(context, { sessionStorage: [storage] });
    const { accountId: _, region: __, ...shown } = storage;
    assert.deepEqual(await body(await call('GET', `${root}/session-storage`)), {
      sessionStorage: [{ ...shown, usedBytes: 4_096, keptUntilMs: 1_010 }],
    });
  });
});
