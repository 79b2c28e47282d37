import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CreateAgentRuntimeCommand,
  CreateApiKeyCredentialProviderCommand,
  CreateOauth2CredentialProviderCommand,
  CreateWorkloadIdentityCommand,
  DeleteAgentRuntimeCommand,
  GetAgentRuntimeCommand,
  GetWorkloadIdentityCommand,
  ListAgentRuntimesCommand,
  ListTagsForResourceCommand,
  PutResourcePolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAgentRuntimeCommand,
  UpdateApiKeyCredentialProviderCommand,
  UpdateOauth2CredentialProviderCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { signingKeyArn } from '../identity/testing/provider-fixture.ts';
import { verifies } from '../../test/requirements.ts';
import { actions } from '../auth/actions.ts';
import { keyRoles, type KeyRole } from '../auth/principal.ts';
import { testAuthorizer } from '../auth/testing/test-authorizer.ts';
import { fakeSession } from './admin/testing/fake-sessions.ts';
import { caller, readyRuntime, settingsOf } from './control/testing/control-fixture.ts';
import type { RuntimeId, SessionId } from '../shared/ids.ts';
import { accessFixture } from './testing/access-fixture.ts';

const denied = { name: 'AccessDeniedException' };
const context = { requestId: 'r', sourceIp: '127.0.0.1', isSecure: false };

function arnOf(id: string): string {
  return `arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/${id}`;
}

describe('roles of keys', () => {
  it('let deployers make and change runtimes and identities, and neither say who may call nor make keys', async () => {
    verifies('authz:roles', 'authz:no-secrets');
    await using fixture = await accessFixture();
    const key = await fixture.accessKeys.create('deployer', 'ci');
    const deployer = fixture.client(key);

    const made = await deployer.send(
      new CreateAgentRuntimeCommand({ agentRuntimeName: 'echo', ...settingsOf('echo:v1') }),
    );
    await fixture.control.settle();
    const { agentRuntimeId = '', agentRuntimeArn: resourceArn = '' } = made;
    await deployer.send(new UpdateAgentRuntimeCommand({ agentRuntimeId, ...settingsOf('echo:v2') }));
    await deployer.send(
      new TagResourceCommand({ resourceArn, tags: { 'berth:memory': '64MiB', team: 'a' } }),
    );
    await deployer.send(new CreateWorkloadIdentityCommand({ name: 'mine' }));
    await deployer.send(new GetWorkloadIdentityCommand({ name: 'mine' }));
    const policy = '{}';
    await assert.rejects(deployer.send(new PutResourcePolicyCommand({ resourceArn, policy })), denied);
    for (const [method, path] of [
      ['GET', '/keys'],
      ['POST', '/keys'],
      ['GET', '/audit'],
    ] as const)
      assert.equal((await fixture.call(key, method, path, undefined)).status, 403, path);
    await deployer.send(new DeleteAgentRuntimeCommand({ agentRuntimeId }));
  });

  it('let invokers neither look at runtimes nor change them', async () => {
    verifies('authz:roles', 'auth:roles');
    await using fixture = await accessFixture();
    const id = await readyRuntime(fixture.control);
    const invoker = fixture.client(await fixture.accessKeys.create('invoker', 'web'));

    await assert.rejects(invoker.send(new ListAgentRuntimesCommand({})), denied);
    await assert.rejects(invoker.send(new GetAgentRuntimeCommand({ agentRuntimeId: id })), {
      ...denied,
      message: /has the role 'invoker' .* bedrock-agentcore:GetAgentRuntime .* 'admin' or 'deployer'/,
    });
    await assert.rejects(invoker.send(new DeleteAgentRuntimeCommand({ agentRuntimeId: id })), denied);
  });

  it('let admins alone name a secret that is in a file', async () => {
    verifies('authz:no-secrets');
    await using fixture = await accessFixture();
    const deployer = fixture.client(await fixture.accessKeys.create('deployer', 'ci'));
    await deployer.send(new CreateApiKeyCredentialProviderCommand({ name: 'mine', apiKey: 'a-key' }));
    const reference = { secretId: 'others', jsonKey: 'key' };
    const external = [
      { apiKeySecretSource: 'EXTERNAL', apiKeySecretConfig: reference },
      { apiKeySecretConfig: reference },
    ] as const;
    const refusal = { ...denied, message: /berth:UseExternalSecret/ };
    for (const secret of external) {
      const create = new CreateApiKeyCredentialProviderCommand({ name: 'other', ...secret });
      await assert.rejects(deployer.send(create), refusal);
      const update = new UpdateApiKeyCredentialProviderCommand({ name: 'mine', ...secret });
      await assert.rejects(deployer.send(update), refusal);
    }
    const github = (secret: object) => ({
      name: 'github',
      credentialProviderVendor: 'GithubOauth2' as const,
      oauth2ProviderConfigInput: { githubOauth2ProviderConfig: { clientId: 'client', ...secret } },
    });
    await deployer.send(new CreateOauth2CredentialProviderCommand(github({ clientSecret: 'a-secret' })));
    for (const secret of [
      { clientSecretSource: 'EXTERNAL', clientSecretConfig: reference },
      { clientSecretConfig: reference },
    ]) {
      const create = new CreateOauth2CredentialProviderCommand({ ...github(secret), name: 'other' });
      await assert.rejects(deployer.send(create), refusal);
      await assert.rejects(deployer.send(new UpdateOauth2CredentialProviderCommand(github(secret))), refusal);
    }
    const admin = fixture.client(fixture.admin);
    await assert.rejects(
      admin.send(new CreateApiKeyCredentialProviderCommand({ name: 'other', ...external[0] })),
      { name: 'ValidationException', message: /BERTH_SECRETS_DIR/ },
    );
  });

  it('let admins alone have a key of the key ring sign for a client at a server', async () => {
    verifies('provider:signing-key', 'authz:no-secrets');
    await using fixture = await accessFixture();
    const deployer = fixture.client(await fixture.accessKeys.create('deployer', 'ci'));
    const custom = (name: string, more: object) => ({
      name,
      credentialProviderVendor: 'CustomOauth2' as const,
      oauth2ProviderConfigInput: {
        customOauth2ProviderConfig: {
          clientId: 'client',
          oauthDiscovery: { discoveryUrl: 'https://evil.example/.well-known/openid-configuration' },
          ...more,
        },
      },
    });
    const privateKeyJwtConfig = { privateKeySource: { kmsKeySource: { kmsKeyArn: signingKeyArn } } };
    const withKey = { clientAuthenticationMethod: 'PRIVATE_KEY_JWT' as const, privateKeyJwtConfig };
    const admin = fixture.client(fixture.admin);
    await admin.send(new CreateOauth2CredentialProviderCommand(custom('kept', withKey)));
    await deployer.send(new CreateOauth2CredentialProviderCommand(custom('mine', { clientSecret: 'a' })));
    const refusal = { ...denied, message: /berth:UseSigningKey/ };
    for (const more of [
      withKey,
      { privateKeyJwtConfig },
      { clientAuthenticationMethod: 'PRIVATE_KEY_JWT' },
    ]) {
      const create = new CreateOauth2CredentialProviderCommand(custom('other', more));
      await assert.rejects(deployer.send(create), refusal);
      for (const name of ['kept', 'mine'])
        await assert.rejects(
          deployer.send(new UpdateOauth2CredentialProviderCommand(custom(name, more))),
          refusal,
        );
    }
    await assert.rejects(
      deployer.send(new UpdateOauth2CredentialProviderCommand(custom('kept', {}))),
      { name: 'ValidationException', message: /has no secret yet/ },
      'nothing goes on with a key that is not named',
    );
  });

  it('say of each action who may do it, those of secrets and commands being the admins’', async () => {
    verifies('authz:no-secrets', 'authz:for-user');
    const authorize = testAuthorizer();
    const rolesOf = async (action: string): Promise<readonly KeyRole[]> => {
      const allowed = await Promise.all(
        keyRoles.map((role) =>
          authorize({ ...caller.principal, role }, action, '*', context).then(
            () => [role],
            () => [],
          ),
        ),
      );
      return allowed.flat();
    };
    for (const [action, { roles }] of actions) assert.deepEqual(await rolesOf(action), [...roles], action);
    for (const action of [
      ...['SetTokenVaultCMK', 'InvokeAgentRuntimeCommand', 'InvokeAgentRuntimeCommandShell'],
      ...['berth:CreateAccessKey', 'berth:SomethingNew', 'SomethingNew'],
    ])
      assert.deepEqual(await rolesOf(action), ['admin'], action);
    // It makes grants of users, so that permitted ones are in the audit log, too.
    assert.equal(actions.get('CompleteResourceTokenAuth')?.kind, 'change');
    assert.deepEqual(await rolesOf('CompleteResourceTokenAuth'), ['admin', 'application', 'agent']);
    assert.deepEqual(await rolesOf('InvokeAgentRuntimeForUser'), ['admin', 'application']);
    for (const action of ['GetResourceApiKey', 'GetResourceOauth2Token', 'GetWorkloadAccessTokenForUserId'])
      assert.deepEqual(await rolesOf(action), ['admin', 'agent'], action);
  });

  it('are read as they were called before', async () => {
    verifies('authz:old-role');
    await using fixture = await accessFixture();
    const made = await fixture.call(fixture.admin, 'POST', '/keys', { role: 'invoke', name: 'old' });
    assert.equal(made.value.role, 'invoker');
    await fixture.database
      .updateTable('access_keys')
      .set({ role: 'invoke' })
      .where('access_key_id', '=', made.value.id)
      .execute();
    const listed = await fixture.call(fixture.admin, 'GET', '/keys');
    const found = listed.value.keys.find(({ id }: { id: string }) => id === made.value.id);
    assert.equal(found.role, 'invoker');
  });
});

describe('keys that are limited to some runtimes', () => {
  it('have to do with those alone, by name and by tag, new ones included', async () => {
    verifies('authz:limits', 'authz:policy-at-once');
    await using fixture = await accessFixture();
    const [a, other] = [
      await readyRuntime(fixture.control, 'team_a_echo'),
      await readyRuntime(fixture.control, 'team_b_echo'),
    ];
    const byName = fixture.client(
      await fixture.accessKeys.create('deployer', 'a', { runtimes: ['team_a_*'] }),
    );
    const byTag = fixture.client(await fixture.accessKeys.create('deployer', 'b', { tags: { team: 'b' } }));
    const get = (id: string) => new GetAgentRuntimeCommand({ agentRuntimeId: id });
    const create = (agentRuntimeName: string, tags: Record<string, string> = {}) =>
      new CreateAgentRuntimeCommand({ agentRuntimeName, ...settingsOf('echo:v1'), tags });

    await byName.send(get(a));
    await assert.rejects(byName.send(get(other)), {
      ...denied,
      message: /limited to runtimes named 'team_a_\*'/,
    });
    await assert.rejects(byName.send(get('team_b_none-AbCdEf1234')), denied);
    await byName.send(create('team_a_new'));
    await assert.rejects(byName.send(create('team_b_new')), denied);
    await assert.rejects(byName.send(new DeleteAgentRuntimeCommand({ agentRuntimeId: other })), denied);
    await assert.rejects(byName.send(new CreateWorkloadIdentityCommand({ name: 'shared' })), denied);

    await assert.rejects(byTag.send(get(other)), denied);
    await assert.rejects(
      byTag.send(new TagResourceCommand({ resourceArn: arnOf(other), tags: { team: 'b' } })),
      denied,
      'nobody tags a runtime into their own limits',
    );
    await fixture.client().send(new TagResourceCommand({ resourceArn: arnOf(other), tags: { team: 'b' } }));
    await byTag.send(get(other));
    await fixture.client().send(new UntagResourceCommand({ resourceArn: arnOf(other), tagKeys: ['team'] }));
    await assert.rejects(byTag.send(get(other)), denied);
    await byTag.send(create('tagged', { team: 'b' }));
    await assert.rejects(byTag.send(create('untagged')), denied);
  });

  it('make no runtime of which name and tags are not known', async () => {
    verifies('authz:limits');
    const authorize = testAuthorizer();
    const limited = { ...caller.principal, role: 'deployer' as const, limits: { runtimes: ['a*'] } };
    const newRuntime = (name: string) => ({ ...context, newRuntime: { name, tags: {} } });
    await assert.rejects(authorize(limited, 'CreateAgentRuntime', '*', context), { code: 'access-denied' });
    await assert.rejects(authorize(limited, 'CreateAgentRuntime', '*', newRuntime('b')));
    await authorize(limited, 'CreateAgentRuntime', '*', newRuntime('a'));
  });

  it('see only their own in lists, page by page', async () => {
    verifies('authz:limits-lists');
    const sessionOf = (runtimeId: string, id: string, startedAtMs: number) =>
      fakeSession({ runtimeId: runtimeId as RuntimeId, id: id.padEnd(40, '0') as SessionId, startedAtMs });
    await using fixture = await accessFixture();
    const ids: string[] = [];
    for (const name of ['one_a', 'two_b', 'three_a', 'four_b'])
      ids.push(await readyRuntime(fixture.control, name));
    fixture.sessions.sessions.push(...ids.map((id, index) => sessionOf(id, `s${index}`, index)));
    const key = await fixture.accessKeys.create('deployer', 'a', { runtimes: ['*_a'] });
    const names = new Set<string | undefined>();
    let nextToken: string | undefined;
    do {
      const page = await fixture.client(key).send(new ListAgentRuntimesCommand({ maxResults: 1, nextToken }));
      for (const { agentRuntimeName } of page.agentRuntimes ?? []) names.add(agentRuntimeName);
      ({ nextToken } = page);
    } while (nextToken !== undefined);
    const sessions = await fixture.call(key, 'GET', '/sessions');
    const runtimesOfSessions = sessions.value.sessions.map(
      ({ runtimeId }: { runtimeId: string }) => runtimeId,
    );

    assert.deepEqual(names, new Set(['one_a', 'three_a']));
    assert.deepEqual(runtimesOfSessions, [ids[2], ids[0]]);
    assert.equal((await fixture.call(key, 'GET', `/sessions?runtimeId=${ids[0]}`)).status, 200);
    assert.equal((await fixture.call(key, 'GET', `/sessions?runtimeId=${ids[1]}`)).status, 403);
    const stop = (index: number) =>
      fixture.call(key, 'POST', `/sessions/${ids[index]}/${`s${index}`.padEnd(40, '0')}/stop`);
    assert.deepEqual([(await stop(0)).status, (await stop(1)).status], [204, 403]);
  });

  it('cannot be made with limits that would never fit, nor for admins, and keep them after a restart', async () => {
    verifies('authz:limits-checked');
    await using fixture = await accessFixture();
    const create = (body: object) => fixture.call(fixture.admin, 'POST', '/keys', body);
    for (const [body, message] of [
      [{ role: 'admin', runtimes: ['a'] }, /admin cannot be limited/],
      [{ role: 'invoker', runtimes: ['team-a-*'] }, /'team-a-\*' fits no runtime.*underscores/],
      [{ role: 'agent', tags: { team: 'a' } }, /role agent cannot be limited/],
      [{ role: 'invoker', tags: { 'berth:memory': '1GiB' } }, /option of Berth/],
    ] as const) {
      const { status, value } = await create(body);
      assert.equal(status, 400);
      assert.match(value.message, message);
    }
    const { value } = await create({ role: 'invoker', runtimes: ['a*'], tags: { team: 'a' } });
    assert.deepEqual([value.runtimes, value.tags], [['a*'], { team: 'a' }]);
    const listed = await fixture.call(fixture.admin, 'GET', '/keys');
    assert.deepEqual(listed.value.keys.at(-1).runtimes, ['a*']);
    const stored = await fixture.database.selectFrom('access_keys').select('limits_json').execute();
    assert.deepEqual(JSON.parse(stored.at(-1)?.limits_json ?? ''), { runtimes: ['a*'], tags: { team: 'a' } });
  });
});

describe('the tag that keeps a provider to some workloads', () => {
  it('is set by who makes the provider, and changed and taken away by admins alone', async () => {
    verifies('authz:walls', 'provider:workloads');
    await using fixture = await accessFixture();
    const deployer = fixture.client(await fixture.accessKeys.create('deployer', 'ci'));
    const tags = { 'berth:workloads': 'payroll' };
    const { credentialProviderArn: resourceArn } = await deployer.send(
      new CreateApiKeyCredentialProviderCommand({ name: 'payroll', apiKey: 'a-key', tags }),
    );
    const refusal = { ...denied, message: /berth:SetWalls/ };
    const lift = new UntagResourceCommand({ resourceArn, tagKeys: ['team', 'berth:workloads'] });
    await assert.rejects(deployer.send(lift), refusal);
    const widen = new TagResourceCommand({ resourceArn, tags: { 'berth:workloads': 'payroll mine' } });
    await assert.rejects(deployer.send(widen), refusal);
    const admin = fixture.client(fixture.admin);
    const listed = await admin.send(new ListTagsForResourceCommand({ resourceArn }));
    assert.deepEqual(listed.tags, tags);
    await admin.send(widen);
    await admin.send(lift);
    await deployer.send(new TagResourceCommand({ resourceArn, tags: { team: 'a' } }));
  });
});

describe('options of runtimes that take walls away', () => {
  it('are set and unset by admins alone', async () => {
    verifies('authz:walls');
    await using fixture = await accessFixture();
    const id = await readyRuntime(fixture.control);
    const deployer = fixture.client(await fixture.accessKeys.create('deployer', 'ci'));
    const walls = [
      { 'berth:isolation': 'runc' },
      { 'berth:egress': 'on' },
      { 'BERTH:Egress-2': 'example.com' },
      { 'berth:bind-session': 'principal' },
    ];
    for (const tags of walls) {
      const resourceArn = arnOf(id);
      const tag = new TagResourceCommand({ resourceArn, tags: { ...tags } });
      await assert.rejects(deployer.send(tag), { ...denied, message: /berth:SetWalls/ });
      const tagKeys = Object.keys(tags);
      await assert.rejects(deployer.send(new UntagResourceCommand({ resourceArn, tagKeys })), denied);
      const made = { agentRuntimeName: 'other', ...settingsOf('echo:v1'), tags: tag.input.tags };
      await assert.rejects(deployer.send(new CreateAgentRuntimeCommand(made)), denied);
    }
    await fixture
      .client()
      .send(new TagResourceCommand({ resourceArn: arnOf(id), tags: { 'berth:bind-session': 'principal' } }));
    assert.deepEqual(fixture.unexpected, []);
    await assert.rejects(
      fixture
        .client()
        .send(new TagResourceCommand({ resourceArn: arnOf(id), tags: { 'berth:bind-session': 'x' } })),
      { name: 'ValidationException' },
    );
  });
});
