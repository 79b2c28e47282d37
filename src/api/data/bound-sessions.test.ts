import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { verifies } from '../../../test/requirements.ts';
import { echo, scope, sessionNamed } from '../../sessions/testing/sessions-fixture.ts';
import { SqlSessionStore } from '../../sessions/sql-session-store.ts';
import { type OpenDatabase, openDatabase } from '../../storage/database.ts';
import type { SandboxId } from '../../shared/ids.ts';
import {
  DataPlaneFixture,
  echoPath,
  type FixtureOptions,
  sessionHeader,
} from './testing/data-plane-fixture.ts';
import { FakeTokens } from './testing/fake-tokens.ts';

const userHeader = 'x-amzn-bedrock-agentcore-runtime-user-id';

async function start(context: TestContext, options: FixtureOptions = {}): Promise<DataPlaneFixture> {
  const fixture = await DataPlaneFixture.open((_request, response) => void response.end('{}'), {
    onUpgrade: (_request, socket) => void socket.end('HTTP/1.1 500 No\r\n\r\n'),
    ...options,
  });
  context.after(() => fixture[Symbol.asyncDispose]());
  fixture.sessions.targets.setOptions(echo, { 'bind-session': 'principal' });
  return fixture;
}

function invoke(fixture: DataPlaneFixture, session: string | undefined, key: string, user?: string) {
  const headers = { authorization: `${key} application`, ...(user !== undefined && { [userHeader]: user }) };
  return fixture.call({ ...(session !== undefined && { session }), body: '{}', headers });
}

describe('sessions of a runtime with berth:bind-session', () => {
  it('are the first caller’s: another one neither calls, commands nor stops them', async (context) => {
    verifies('authz:bound-sessions');
    const fixture = await start(context);
    const statusOf = async (key: string, user?: string) => (await invoke(fixture, 's1', key, user)).status;
    const at = async (path: string, key: string, body: string) =>
      (
        await fixture.call({
          ...{ session: 's1', path: `${echoPath}/${path}`, body },
          headers: { authorization: `${key} admin` },
        })
      ).status;

    assert.equal(await statusOf('ANN'), 200);
    assert.equal(await statusOf('ANN'), 200);
    const refused = await invoke(fixture, 's1', 'BOB');
    assert.equal(refused.status, 403);
    assert.equal(refused.headers['x-amzn-errortype'], 'AccessDeniedException');
    assert.match(refused.body, /belongs to another caller/);
    assert.equal(await statusOf('ANN', 'user-1'), 403, 'a user that the key names is another caller');
    assert.equal(await at('commands', 'BOB', '{"command":"id"}'), 403);
    assert.equal(await at('stopruntimesession', 'BOB', '{}'), 403);
    assert.equal(await at('stopruntimesession', 'ANN', '{}'), 200);
    assert.equal(await statusOf('BOB'), 403, 'its end does not set it free');
    assert.equal(await statusOf('ANN'), 200);
    const lines = fixture.audit.lines.filter(
      (line) => line.startsWith('deny') && line.includes('UseSession'),
    );
    assert.equal(lines.length, 5);
    assert.match(lines[0] ?? '', /user\/BOB berth:UseSession .*:runtime\/.* \(session .* is another's\)/);
  });

  it('refuse another one’s WebSocket before it is opened', async (context) => {
    verifies('authz:bound-sessions');
    const fixture = await start(context);
    await invoke(fixture, 's1', 'ANN');
    for (const path of ['ws', 'ws/shells']) {
      const url = `ws://127.0.0.1:${fixture.port}${echoPath}/${path}`;
      const headers = { authorization: 'BOB admin', [sessionHeader]: sessionNamed('s1') };
      const socket = new WebSocket(url, { headers });
      socket.on('error', () => {});
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
      assert.equal(response.statusCode, 403, path);
      socket.terminate();
    }
  });

  it('tell users of bearer tokens apart, and users that a key names', async (context) => {
    verifies('authz:bound-sessions');
    const fixture = await start(context, { tokens: new FakeTokens() });
    const status = async (session: string, key: string, user: string) =>
      (await invoke(fixture, session, key, user)).status;
    assert.equal(await status('s1', 'WEB', 'ann'), 200);
    assert.equal(await status('s1', 'WEB', 'ann'), 200);
    assert.equal(await status('s1', 'WEB', 'bob'), 403);
    assert.equal((await invoke(fixture, 's1', 'WEB')).status, 403);
    const authorizer = { discoveryUrl: 'https://issuer.example/.well-known/openid-configuration' };
    fixture.sessions.targets.addVersion(echo, 2, { authorizer });
    const bearer = async (session: string, user: string) =>
      (await fixture.call({ session, body: '{}', headers: { authorization: `Bearer ${user}` } })).status;
    assert.equal(await bearer('s2', 'ann'), 200);
    assert.equal(await bearer('s2', 'ann'), 200);
    assert.equal(await bearer('s2', 'bob'), 403);
    assert.equal(await bearer('s1', 'ann'), 403, 'a bearer is never the user that a key names');
    assert.equal(await bearer('s2', 'client/ann'), 403, 'a client is never the user of its name');
  });

  it('have one owner when two call first at once; one without a name is its caller’s', async (context) => {
    verifies('authz:bound-sessions');
    const fixture = await start(context);
    const calls = ['ANN', 'BOB', 'CID'].map((key) => invoke(fixture, 's1', key));
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    assert.deepEqual(
      statuses.toSorted((a, b) => a - b),
      [200, 403, 403],
    );
    const fresh = await invoke(fixture, undefined, 'ANN');
    const named = String(fresh.headers[sessionHeader]);
    const again = await fixture.call({
      body: '{}',
      headers: { authorization: 'BOB invoke', [sessionHeader]: named },
    });
    assert.deepEqual([fresh.status, again.status], [200, 403]);
  });

  it('are anybody’s without the option, which counts at once', async (context) => {
    verifies('authz:bound-sessions', 'authz:policy-at-once');
    const fixture = await start(context);
    fixture.sessions.targets.setOptions(echo, {});
    assert.equal((await invoke(fixture, 's1', 'ANN')).status, 200);
    assert.equal((await invoke(fixture, 's1', 'BOB')).status, 200);
    fixture.sessions.targets.setOptions(echo, { 'bind-session': 'principal' });
    assert.equal((await invoke(fixture, 's1', 'BOB')).status, 200);
    assert.equal((await invoke(fixture, 's1', 'ANN')).status, 403);
  });

  it('are bound after a restart, until nothing of them is kept', async (context) => {
    verifies('authz:bound-for-good');
    const database = await openDatabase(':memory:');
    const first = await start(context, { database });
    assert.equal((await invoke(first, 's1', 'ANN')).status, 200);
    const second = await start(context, { database });
    assert.equal((await invoke(second, 's1', 'BOB')).status, 403);
    assert.equal((await invoke(second, 's1', 'ANN')).status, 200);

    assert.equal(await rowsAfterSweep(database, 'with a session'), 1);
    assert.equal(await rowsAfterSweep(database, 'with storage'), 1);
    assert.equal(await rowsAfterSweep(database, 'with nothing'), 0);
  });
});

/** How many bindings outlive the forgetting of ended sessions. */
async function rowsAfterSweep(database: OpenDatabase, kept: string): Promise<number> {
  const store = new SqlSessionStore({ database });
  const id = sessionNamed('s1');
  const key = { runtime_id: echo, session_id: id };
  await database.deleteFrom('sessions').execute();
  await database.deleteFrom('session_storage').execute();
  const common = {
    account_id: scope.accountId,
    region: scope.region,
    version: 1,
    created_at: 1,
    last_used_at: 1,
  };
  if (kept === 'with storage')
    await database
      .insertInto('session_storage')
      .values({ ...key, ...common, volume_id: 'v', size_bytes: 1 })
      .execute();
  if (kept === 'with a session')
    await store.claim(
      {
        scope,
        runtimeId: echo,
        id,
        endpoint: 'DEFAULT',
        version: 1,
        sandboxId: 'sb-1' as SandboxId,
        startedAtMs: 1,
      },
      { holder: 'h', expiresAtMs: 1 },
      1,
    );
  await store.forgetEnded(Date.now() + 1_000);
  return (await database.selectFrom('session_bindings').selectAll().execute()).length;
}
