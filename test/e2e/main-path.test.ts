import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import {
  BedrockAgentCoreClient,
  InvokeAgentRuntimeCommand,
  StopRuntimeSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient,
  CreateAgentRuntimeCommand,
  DeleteAgentRuntimeCommand,
  GetAgentRuntimeCommand,
  ListAgentRuntimesCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { Agents, type DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { BerthProcess, type ServerAccess } from '../../scripts/quickstart/berth-process.ts';

const run = promisify(execFile);
const image = resolve(import.meta.dirname, '../../.cache/images/hello-node');
const roleArn = 'arn:aws:iam::000000000000:role/agent';

describe('the main path, with the AWS SDK for JavaScript and real sandboxes', { timeout: 300_000 }, () => {
  const berth = new BerthProcess();
  let server: ServerAccess;
  let control: BedrockAgentCoreControlClient;
  let data: BedrockAgentCoreClient;
  let agents: Agents;
  let runtime: DeployedRuntime;

  before(async () => {
    server = await berth.start();
    const connection = {
      endpoint: server.url,
      region: server.region,
      credentials: { accessKeyId: server.accessKeyId, secretAccessKey: server.secretAccessKey },
    };
    control = new BedrockAgentCoreControlClient(connection);
    data = new BedrockAgentCoreClient({ ...connection, maxAttempts: 1 });
    agents = new Agents(control, data);
    await push('hello-node:v1');
    runtime = await agents.create(settings('hello', 'hello-node:v1', { GREETING: 'one' }));
  });

  after(() => berth.destroy());

  function uri(reference: string): string {
    return `${new URL(server.url).host}/${reference}`;
  }

  function push(reference: string) {
    return run('skopeo', [
      'copy',
      '--quiet',
      '--dest-tls-verify=false',
      `--dest-creds=${server.accessKeyId}:${server.secretAccessKey}`,
      `oci:${image}:latest`,
      `docker://${uri(reference)}`,
    ]);
  }

  function settings(
    agentRuntimeName: string,
    reference: string,
    environmentVariables: Record<string, string> = {},
  ) {
    return {
      agentRuntimeName,
      agentRuntimeArtifact: { containerConfiguration: { containerUri: uri(reference) } },
      roleArn,
      networkConfiguration: { networkMode: 'PUBLIC' as const },
      environmentVariables,
    };
  }

  it('answers JSON from a sandbox that knows its session', async () => {
    const sessionId = randomUUID();
    const answer = await agents.invoke(runtime, sessionId, { prompt: 'hi' });
    assert.equal(answer.answer, 'Hello from Berth! You said: hi');
    assert.equal(answer.sessionId, sessionId);
    assert.equal(answer.greeting, 'one');
  });

  it('hands on server-sent events as the agent sends them', async () => {
    const events: string[] = [];
    await agents.stream(runtime, randomUUID(), { stream: 3, everyMs: 20 }, (event) => events.push(event));
    assert.deepEqual(
      events,
      [1, 2, 3].map((event) => `data: {"event":${event},"of":3}`),
    );
  });

  it('makes one sandbox for many first calls of one session id, and one each for many ids', async () => {
    const one = randomUUID();
    const same = await Promise.all(Array.from({ length: 20 }, () => agents.invoke(runtime, one, {})));
    assert.equal(new Set(same.map((answer) => answer.bootId)).size, 1);
    const many = await Promise.all(Array.from({ length: 8 }, () => agents.invoke(runtime, randomUUID(), {})));
    assert.equal(new Set(many.map((answer) => answer.bootId)).size, 8);
  });

  it('keeps a session in its sandbox, apart from others, until it is stopped', async () => {
    const [mine, other] = [randomUUID(), randomUUID()];
    const first = await agents.invoke(runtime, mine, { writeFile: { path: '/tmp/note', text: 'secret' } });
    const again = await agents.invoke(runtime, mine, { readFile: '/tmp/note' });
    const foreign = await agents.invoke(runtime, other, { readFile: '/tmp/note' });
    assert.deepEqual([again.bootId, again.file], [first.bootId, 'secret']);
    assert.equal(foreign.file, 'ENOENT');
    await agents.stop(runtime, mine);
    const clean = await agents.invoke(runtime, mine, { readFile: '/tmp/note' });
    assert.notEqual(clean.bootId, first.bootId);
    assert.equal(clean.file, 'ENOENT');
  });

  it('moves new sessions to a new version while a live one stays on its own', async () => {
    const old = randomUUID();
    await agents.invoke(runtime, old, {});
    const { agentRuntimeName: _, ...update } = settings('hello', 'hello-node:v1', { GREETING: 'two' });
    await agents.update(runtime, update);
    assert.equal((await agents.invoke(runtime, old, {})).greeting, 'one');
    assert.equal((await agents.invoke(runtime, randomUUID(), {})).greeting, 'two');
  });

  it('goes on with a live session after kill -9 of the server', async () => {
    const sessionId = randomUUID();
    const before = await agents.invoke(runtime, sessionId, {});
    await berth.kill();
    await berth.start();
    assert.equal((await agents.invoke(runtime, sessionId, {})).bootId, before.bootId);
  });

  it('says why an image cannot be had', async () => {
    const created = await control.send(
      new CreateAgentRuntimeCommand(settings('missing', 'no-such-image:v1')),
    );
    let state;
    do {
      state = await control.send(new GetAgentRuntimeCommand({ agentRuntimeId: created.agentRuntimeId }));
    } while (state.status === 'CREATING');
    assert.equal(state.status, 'CREATE_FAILED');
    assert.match(state.failureReason ?? '', /no-such-image/);
    await control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId: created.agentRuntimeId }));
  });

  it("answers an agent's error with RuntimeClientError and its status", async () => {
    const invocation = new InvokeAgentRuntimeCommand({
      agentRuntimeArn: runtime.arn,
      payload: Buffer.from('{not json'),
    });
    await assert.rejects(data.send(invocation), {
      name: 'RuntimeClientError',
      message:
        /Received error \(400\) from runtime\. Please check your CloudWatch logs for more information\./,
    });
  });

  it('refuses bad callers and bad input before any sandbox starts', async () => {
    const liveBefore = await liveSessions();
    const stranger = new BedrockAgentCoreClient({
      endpoint: server.url,
      region: server.region,
      credentials: { accessKeyId: 'AKIAUNKNOWNUNKNOWN00', secretAccessKey: 'x' },
    });
    const payload = Buffer.from('{}');
    const call = { agentRuntimeArn: runtime.arn, payload };
    await assert.rejects(stranger.send(new InvokeAgentRuntimeCommand(call)), {
      name: 'UnrecognizedClientException',
    });
    await assert.rejects(data.send(new InvokeAgentRuntimeCommand({ ...call, runtimeSessionId: 'short' })), {
      name: 'ValidationException',
    });
    await assert.rejects(data.send(new InvokeAgentRuntimeCommand({ ...call, qualifier: 'nowhere' })), {
      name: 'ResourceNotFoundException',
    });
    await assert.rejects(
      data.send(
        new StopRuntimeSessionCommand({ agentRuntimeArn: runtime.arn, runtimeSessionId: randomUUID() }),
      ),
      {
        name: 'ResourceNotFoundException',
      },
    );
    const unsigned = await fetch(`${server.url}/runtimes/`, { method: 'POST' });
    assert.equal(unsigned.status, 403);
    assert.equal(unsigned.headers.get('x-amzn-errortype'), 'MissingAuthenticationTokenException');
    assert.equal(await liveSessions(), liveBefore);
  });

  it('deletes a runtime with its sessions', async () => {
    await agents.remove(runtime);
    assert.ok(await agents.isGone(runtime));
    const { agentRuntimes } = await control.send(new ListAgentRuntimesCommand({}));
    assert.deepEqual(agentRuntimes, []);
    assert.equal(await liveSessions(), 0);
  });

  async function liveSessions(): Promise<number> {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    return Number(/^berth_live_sessions (\d+)$/m.exec(metrics)?.[1]);
  }
});
