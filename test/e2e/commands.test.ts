import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  BedrockAgentCoreClient,
  InvokeAgentRuntimeCommandCommand,
  type InvokeAgentRuntimeCommandStreamOutput,
  StopRuntimeSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { berthCommand, BerthFixture, repository } from '../fixture/berth-fixture.ts';
import { installPythonClients, pythonClients } from '../fixture/python-clients.ts';
import { verifies } from '../requirements.ts';

describe('commands in the sandboxes of sessions', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  let agent: DeployedRuntime;

  before(async () => {
    await installPythonClients();
    berth = await BerthFixture.start();
    agent = await berth.deploy('hello-node', 'commands');
  });
  after(() => berth.destroy());

  async function open(command: string, sessionId: string, client = berth.data) {
    const { stream } = await client.send(
      new InvokeAgentRuntimeCommandCommand({
        agentRuntimeArn: agent.arn,
        runtimeSessionId: sessionId,
        contentType: 'application/json',
        accept: 'application/vnd.amazon.eventstream',
        body: { command, timeout: 3600 },
      }),
    );
    assert.ok(stream);
    return stream[Symbol.asyncIterator]();
  }

  async function rest(stream: AsyncIterator<InvokeAgentRuntimeCommandStreamOutput>) {
    const seen = { stdout: '', stop: undefined as unknown };
    for (let { value, done } = await stream.next(); done !== true; { value, done } = await stream.next()) {
      seen.stdout += value.chunk?.contentDelta?.stdout ?? '';
      seen.stop = value.chunk?.contentStop;
    }
    return seen;
  }

  it('the JavaScript SDK runs them beside each other and sees output as it comes', async () => {
    verifies('commands:clients', 'commands:session');
    const session = randomUUID();

    const waiting = await open('mkfifo /tmp/gate; echo waiting; cat /tmp/gate', session);
    const start = await waiting.next();
    const first = await waiting.next();
    const other = await rest(await open('echo opened > /tmp/gate; id -u', session));

    assert.deepEqual(start.value, { chunk: { contentStart: {} } });
    assert.deepEqual(first.value, { chunk: { contentDelta: { stdout: 'waiting\n' } } });
    assert.deepEqual(other, { stdout: '1000\n', stop: { exitCode: 0, status: 'COMPLETED' } });
    assert.equal((await rest(waiting)).stdout, 'opened\n');
  });

  it('boto3 runs them as it comes', async () => {
    verifies('commands:clients', 'commands:timeout', 'commands:output-limit');
    const python = join(pythonClients, 'bin/python');
    const { stdout } = await berth.cli(
      'env',
      '--',
      python,
      join(repository, 'test/e2e/commands-story.py'),
      agent.arn,
    );
    assert.equal(stdout, 'told\n');
  });

  it('berth exec passes output and exit code on, and takes its command with it at Ctrl-C', async () => {
    verifies('cli:exec', 'commands:caller-left');
    const session = randomUUID();
    const run = (...words: readonly string[]) => berth.cli('exec', agent.id, '-s', session, '--', ...words);

    await assert.rejects(run('echo out; echo err >&2; exit 6'), {
      code: 6,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    const child = spawn(berthCommand, ['exec', agent.id, '-s', session, '--', 'echo $$; exec sleep 1111'], {
      env: { ...process.env, BERTH_HOME: berth.server.home },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = Number(await once(child.stdout, 'data'));
    child.kill('SIGINT');

    assert.deepEqual(await once(child, 'exit'), [130, null]);
    while ((await run('test', '-e', `/proc/${pid}`).catch(() => undefined)) !== undefined);
  });

  it('a client that leaves takes its command with it, and so does the end of a session', async () => {
    verifies('commands:caller-left', 'commands:errors');
    const session = randomUUID();
    // Their command lines begin with the program's name and a NUL.
    const list = `for file in /proc/[0-9]*/cmdline; do tr '\\0' ' ' < $file; echo; done 2>/dev/null`;
    const sleepers = async () =>
      (await rest(await open(list, session))).stdout.match(/^sleep 1111 $/gm)?.length ?? 0;
    const { url: endpoint, region, accessKeyId, secretAccessKey } = berth.server;
    const credentials = { accessKeyId, secretAccessKey };
    const client = new BedrockAgentCoreClient({ endpoint, region, credentials, maxAttempts: 1 });
    const left = await open('sleep 1111 & sleep 1111', session, client);
    await left.next();

    while ((await sleepers()) !== 2);
    client.destroy();
    while ((await sleepers()) !== 0);
    const lost = await open('sleep 1111', session);
    await lost.next();
    await berth.data.send(
      new StopRuntimeSessionCommand({ agentRuntimeArn: agent.arn, runtimeSessionId: session }),
    );

    await assert.rejects(rest(lost), { name: 'RuntimeClientError' });
  });
});
