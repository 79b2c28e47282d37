import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { after, before, describe, it } from 'node:test';
import { BedrockAgentCoreClient, InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient,
  GetAgentRuntimeCommand,
  PutResourcePolicyCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { BerthFixture, berthCommand, repository } from '../fixture/berth-fixture.ts';
import { verifies } from '../requirements.ts';

interface NewKey {
  readonly id: string;
  readonly secret: string;
}

const run = promisify(execFile);
const denied = { name: 'AccessDeniedException' };

describe('who may do what, on the real engine', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  let arn: string;
  let id: string;
  let otherId: string;

  before(async () => {
    berth = await BerthFixture.start();
    const tags = { 'berth:bind-session': 'principal' };
    const deployed = await berth.deploy('hello-node', 'team_a_hello', { tags });
    ({ arn, id } = deployed);
    ({ id: otherId } = await berth.deploy('hello-node', 'team_b_hello'));
  });

  after(() => berth.destroy());

  async function key(...flags: readonly string[]): Promise<NewKey> {
    return JSON.parse((await berth.cli('keys', 'create', ...flags, '--json')).stdout) as NewKey;
  }

  function clients({ id: accessKeyId, secret: secretAccessKey }: NewKey) {
    const { url: endpoint, region } = berth.server;
    const connection = { endpoint, region, maxAttempts: 1, credentials: { accessKeyId, secretAccessKey } };
    return {
      control: new BedrockAgentCoreControlClient(connection),
      data: new BedrockAgentCoreClient(connection),
    };
  }

  function call(sessionId: string = randomUUID(), runtime = arn): InvokeAgentRuntimeCommand {
    return new InvokeAgentRuntimeCommand({
      ...{ agentRuntimeArn: runtime, runtimeSessionId: sessionId },
      payload: new TextEncoder().encode('{"prompt":"hi"}'),
    });
  }

  it('limits, policies and owners of sessions hold for real calls, and after a restart', async () => {
    verifies('authz:limits', 'authz:policy-evaluation', 'authz:policy-at-once', 'authz:bound-for-good');
    const ann = clients(await key('--name', 'ann', '--role', 'invoker', '--runtime', 'team_a_*'));
    const bob = clients(await key('--name', 'bob', '--role', 'invoker'));
    const sessionId = randomUUID();
    await ann.data.send(call(sessionId));
    await assert.rejects(ann.data.send(call(randomUUID(), arn.replace(id, otherId))), denied);
    await assert.rejects(bob.data.send(call(sessionId)), { ...denied, message: /belongs to another caller/ });

    await berth.process.kill();
    await berth.process.start();
    await assert.rejects(bob.data.send(call(sessionId)), denied);
    await ann.data.send(call(sessionId));

    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        ...{ Effect: 'Deny', Action: 'bedrock-agentcore:InvokeAgentRuntime', Resource: arn },
        Principal: { AWS: `arn:aws:iam::${arn.split(':')[4]}:user/bob` },
      },
    });
    await bob.data.send(call());
    await berth.control.send(new PutResourcePolicyCommand({ resourceArn: arn, policy }));
    await assert.rejects(bob.data.send(call()), { ...denied, message: /explicit deny/ });
    await ann.data.send(call());
    await berth.upgrade();
    await assert.rejects(bob.data.send(call()), denied);
  });

  it('a limited deployer deploys its own runtimes with the command, and nobody else’s', async () => {
    verifies('authz:roles', 'authz:limits', 'authz:limits-registry', 'authz:limits-lists');
    const { id: accessKeyId, secret } = await key(
      '--name',
      'ci',
      '--role',
      'deployer',
      '--runtime',
      'team_a_*',
    );
    const env = {
      ...{ PATH: process.env['PATH'], HOME: berth.server.home, BERTH_ENDPOINT: berth.server.url },
      ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secret },
    };
    const cli = (...command: readonly string[]) => run(berthCommand, command, { env });
    const image = `oci:${repository}/.cache/images/hello-node`;

    await cli('deploy', image, '--name', 'team_a_next', '--option', 'memory=256MiB');
    const { stdout } = await cli('runtimes', 'list', '--json');
    const names = (JSON.parse(stdout) as { agentRuntimeName: string }[]).map(
      (found) => found.agentRuntimeName,
    );
    assert.deepEqual(new Set(names), new Set(['team_a_hello', 'team_a_next']));
    await cli('invoke', 'team_a_next', '{"prompt":"hi"}');
    await cli('logs', 'team_a_next');
    await assert.rejects(cli('deploy', image, '--name', 'team_b_next'), {
      stderr: /403.*may not use the repository/,
    });
    await assert.rejects(cli('deploy', image, '--name', 'team_a_next', '--option', 'egress=on'), {
      stderr: /berth:SetWalls/,
    });
    await assert.rejects(cli('keys', 'list'), { stderr: /berth:ListAccessKeys/ });
  });

  it('every door that a stranger may knock at tells the audit log', async () => {
    verifies('authz:audit-doors');
    const { url, accessKeyId } = berth.server;
    const stranger = clients({ id: accessKeyId, secret: 'x'.repeat(40) });
    const wrong = { name: 'InvalidSignatureException' };
    await assert.rejects(stranger.data.send(call()), wrong);
    await assert.rejects(stranger.control.send(new GetAgentRuntimeCommand({ agentRuntimeId: id })), wrong);
    const credential = `${accessKeyId}/20261101/${berth.server.region}/bedrock-agentcore/aws4_request`;
    const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
    assert.equal((await fetch(`${url}/berth/v1/keys`, { headers: { authorization } })).status, 403);
    const basic = `Basic ${Buffer.from(`${accessKeyId}:guess`).toString('base64')}`;
    assert.equal((await fetch(`${url}/v2/`, { headers: { authorization: basic } })).status, 401);
    assert.equal((await fetch(`${url}/identities/oauth2/authorize?request_uri=guess`)).status, 400);

    const wanted = [
      /^\/runtimes\/\S+\/invocations$/,
      /^\/runtimes\/[^/]+\/?$/,
      /^\/berth\/v1\/keys$/,
      /^\/v2\/$/,
      /authorize$/,
    ];
    let told: { kind: string; principal: string; resource: string }[] = [];
    for (let tries = 0; tries < 50 && told.length < wanted.length; tries += 1) {
      const { stdout } = await berth.cli('audit', '--denied', '--principal', 'anonymous', '--json');
      told = JSON.parse(stdout) as typeof told;
    }
    assert.deepEqual(new Set(told.map(({ kind }) => kind)), new Set(['unproven']));
    for (const resource of wanted)
      assert.equal(told.filter((entry) => resource.test(entry.resource)).length, 1, `${resource}`);
  });

  it('the audit log tells of it all, is whole after kill and upgrade, and holds no secret', async () => {
    verifies('authz:audit', 'authz:audit-chain', 'authz:cli');
    const made = await key('--name', 'eve', '--role', 'deployer', '--tag', 'team=none');
    const { control } = clients(made);
    await assert.rejects(control.send(new GetAgentRuntimeCommand({ agentRuntimeId: id })), denied);
    let lines: { principal: string; action: string; reason: string }[] = [];
    for (let tries = 0; tries < 50 && lines.length === 0; tries += 1) {
      const { stdout } = await berth.cli('audit', '--denied', '--principal', 'eve', '--json');
      lines = JSON.parse(stdout) as typeof lines;
    }
    assert.match(lines[0]?.principal ?? '', /:user\/eve$/);
    assert.deepEqual(
      [lines[0]?.action, lines[0]?.reason],
      ['bedrock-agentcore:GetAgentRuntime', 'limits of the key'],
    );
    const all = (await berth.cli('audit', '-n', '1000')).stdout;
    for (const action of ['berth:CreateAccessKey', 'CreateAgentRuntime', 'PutResourcePolicy'])
      assert.match(all, new RegExp(`allow +arn:aws:iam::\\d{12}:user/first \\S*${action} `));
    assert.match(all, /deny +arn:aws:iam::\d{12}:user\/bob berth:UseSession /);
    const { stdout: verified } = await berth.cli('audit', '--verify');
    assert.match(verified, /The audit log is whole/);
    const noted = [...verified.matchAll(/--noted \S+/g)].flatMap(([text]) => text.split(' '));
    assert.equal(noted.length, 6, 'one of each kind but reads');
    assert.match(
      (await berth.cli('audit', '--verify', ...noted)).stdout,
      /is there as noted[^]*is there as noted/,
    );

    const database = new DatabaseSync(join(berth.server.home, 'berth.db'), { readOnly: true });
    const stored = JSON.stringify(database.prepare('select * from audit_log').all());
    database.close();
    for (const secret of [made.secret, berth.server.secretAccessKey])
      assert.equal(stored.includes(secret), false);
  });
});
