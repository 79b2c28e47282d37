import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CreateAgentRuntimeCommand,
  DeleteAgentRuntimeCommand,
  GetAgentRuntimeCommand,
  ListAgentRuntimesCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { verifies } from '../../test/requirements.ts';
import { readyRuntime, settingsOf } from './control/testing/control-fixture.ts';
import { accessFixture } from './testing/access-fixture.ts';

const root = 'arn:aws:bedrock-agentcore:us-east-1:111122223333';

interface Shown {
  readonly kind: string;
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly reason: string;
  readonly sourceIp: string;
  readonly requestId: string;
}

describe('what the audit log is told', () => {
  it('are changes and refusals of both APIs, by request and address, and no reading', async () => {
    verifies('authz:audit');
    await using fixture = await accessFixture();
    const id = await readyRuntime(fixture.control);
    const { admin } = fixture;
    const made = await fixture.call(admin, 'POST', '/keys', { role: 'invoker', name: 'web' });
    const web = await fixture.accessKeys.find(made.value.id);
    const client = fixture.client(web ?? assert.fail());
    await fixture.client().send(new GetAgentRuntimeCommand({ agentRuntimeId: id }));
    await fixture.client().send(new ListAgentRuntimesCommand({}));
    const refused = await client.send(new DeleteAgentRuntimeCommand({ agentRuntimeId: id })).then(
      () => assert.fail('It was not refused.'),
      (error: { $metadata: { requestId: string } }) => error.$metadata.requestId,
    );
    const created = await fixture
      .client()
      .send(new CreateAgentRuntimeCommand({ agentRuntimeName: 'next', ...settingsOf('a:v1') }));
    await fixture.client().send(new DeleteAgentRuntimeCommand({ agentRuntimeId: id }));
    assert.equal((await fixture.call(admin, 'DELETE', `/keys/${made.value.id}`)).status, 204);

    let entries: Shown[] = [];
    for (let tries = 0; tries < 1_500 && entries.length < 5; tries += 1) {
      ({ entries } = (await fixture.call(admin, 'GET', '/audit')).value);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const told = entries.map(({ kind, principal, action, resource, reason }) =>
      [kind, principal.split('/').at(-1), action, resource, reason].join(' '),
    );
    assert.deepEqual(
      new Set(told),
      new Set([
        'allow first berth:CreateAccessKey /berth/v1/keys role admin',
        `deny web bedrock-agentcore:DeleteAgentRuntime ${root}:runtime/${id} role invoker`,
        'allow first bedrock-agentcore:CreateAgentRuntime * role admin',
        `allow first bedrock-agentcore:DeleteAgentRuntime ${root}:runtime/${id} role admin`,
        `allow first berth:RevokeAccessKey /berth/v1/keys/${made.value.id} role admin`,
      ]),
    );
    assert.equal(told.length, 5, 'nothing is there twice');
    const denial = entries.find(({ kind }) => kind === 'deny');
    assert.deepEqual([denial?.requestId, denial?.sourceIp], [refused, '127.0.0.1']);
    assert.equal(
      entries.some(({ requestId }) => requestId === created.$metadata.requestId),
      true,
    );

    const stored = JSON.stringify(await fixture.database.selectFrom('audit_log').selectAll().execute());
    for (const secret of [admin.secret, made.value.secret]) assert.equal(stored.includes(secret), false);
    const denied = await fixture.call(
      admin,
      'GET',
      '/audit?kind=deny&action=DeleteAgentRuntime&principal=web',
    );
    assert.equal(denied.value.entries.length, 1);
    const { value } = await fixture.call(admin, 'GET', '/audit/verification');
    assert.deepEqual([value.entries, value.brokenAtSeq], [5, undefined]);
  });

  it('comes before the change: without room for it nothing is changed, and reading goes on', async () => {
    verifies('authz:audit-durable');
    await using fixture = await accessFixture();
    const id = await readyRuntime(fixture.control);
    fixture.disk.isFull = true;
    const client = fixture.client();

    const removal = client.send(new DeleteAgentRuntimeCommand({ agentRuntimeId: id }));
    await assert.rejects(removal, {
      name: 'ServiceUnavailableException',
      message: /audit log could not be written/,
    });
    const made = await fixture.call(fixture.admin, 'POST', '/keys', { role: 'admin', name: 'x' });
    assert.equal(made.status, 503);
    assert.equal((await fixture.accessKeys.list()).length, 1);
    const found = await client.send(new GetAgentRuntimeCommand({ agentRuntimeId: id }));
    assert.equal(found.status, 'READY');
    fixture.disk.isFull = false;
    await client.send(new DeleteAgentRuntimeCommand({ agentRuntimeId: id }));
  });

  it('are wrong signatures, at both APIs, with the key and the request and without its body', async () => {
    verifies('authz:audit-doors');
    await using fixture = await accessFixture();
    const { admin } = fixture;
    const wrong = { ...admin, secret: 'x'.repeat(40) };
    const invalid = { name: 'InvalidSignatureException' };
    await assert.rejects(fixture.client(wrong).send(new ListAgentRuntimesCommand({})), invalid);
    assert.equal((await fixture.call(wrong, 'GET', '/keys?secret=mine')).status, 403);
    let entries: (Shown & { accessKeyId: string })[] = [];
    for (let tries = 0; tries < 200 && entries.length < 2; tries += 1) {
      ({ entries } = (await fixture.call(admin, 'GET', '/audit?kind=deny,unproven')).value);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.deepEqual(
      entries.map(({ kind, principal, accessKeyId, action, resource, sourceIp }) =>
        [kind, principal, accessKeyId, action, resource, sourceIp].join(' '),
      ),
      ['/runtimes/', '/berth/v1/keys'].map(
        (path) => `unproven anonymous ${admin.id} berth:Authenticate ${path} 127.0.0.1`,
      ),
    );
    for (const { requestId } of entries) assert.match(requestId, /^[0-9a-f-]{36}$/);
    for (const kind of ['odd', 'deny,', ''])
      assert.equal((await fixture.call(admin, 'GET', `/audit?kind=${kind}`)).status, 400);
  });
});
