import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import {
  BedrockAgentCoreClient,
  InvokeAgentRuntimeCommand,
  StopRuntimeSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  CreateAgentRuntimeCommand,
  DeleteAgentRuntimeCommand,
  GetAgentRuntimeCommand,
  ListAgentRuntimesCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import type { Agents, DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { BerthFixture } from '../fixture/berth-fixture.ts';
import { verifies } from '../requirements.ts';

describe('the main path, with the AWS SDK for JavaScript and real sandboxes', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  let agents: Agents;
  let runtime: DeployedRuntime;

  before(async () => {
    berth = await BerthFixture.start();
    ({ agents } = berth);
    runtime = await berth.deploy('hello-node', 'hello', { environmentVariables: { GREETING: 'one' } });
  });

  after(() => berth.destroy());

  it('answers JSON from a sandbox that knows its session', async () => {
    const sessionId = randomUUID();
    const answer = await agents.invoke(runtime, sessionId, { prompt: 'hi' });
    assert.equal(answer.answer, 'Hello from Berth! You said: hi');
    assert.equal(answer.sessionId, sessionId);
    assert.equal(answer.greeting, 'one');
  });

  it('takes 95 MB in and gives them back, without ever holding them', async () => {
    verifies('clients:javascript', 'labs:A3c', 'invocations:flat-memory');
    const prompt = randomBytes(71_250_000).toString('base64');
    const before = await peakMemory();
    const { heard, answer } = await agents.invoke(runtime, randomUUID(), { prompt });
    assert.ok(heard[0] === prompt && answer.endsWith(prompt), 'every byte is there');
    const grownBy = (await peakMemory()) - before;
    assert.ok(grownBy < 95_000_000, `the server took ${grownBy} bytes more`);
  });

  it('hands on server-sent events as the agent sends them', async () => {
    const events: string[] = [];
    await agents.stream(runtime, randomUUID(), { stream: 3, everyMs: 20 }, (event) => events.push(event));
    assert.deepEqual(
      events,
      [1, 2, 3].map((event) => `data: {"event":${event},"of":3}`),
    );
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
    const { agentRuntimeName: _, ...update } = berth.settings('hello', berth.imageUri('hello-node:v1'), {
      environmentVariables: { GREETING: 'two' },
    });
    await agents.update(runtime, update);
    assert.equal((await agents.invoke(runtime, old, {})).greeting, 'one');
    assert.equal((await agents.invoke(runtime, randomUUID(), {})).greeting, 'two');
  });

  it('goes on with a live session after kill -9 of the server', async () => {
    const sessionId = randomUUID();
    const before = await agents.invoke(runtime, sessionId, {});
    await berth.process.kill();
    await berth.process.start();
    assert.equal((await agents.invoke(runtime, sessionId, {})).bootId, before.bootId);
  });

  it('says why an image cannot be had', async () => {
    const { control } = berth;
    const created = await control.send(
      new CreateAgentRuntimeCommand(berth.settings('missing', berth.imageUri('no-such-image:v1'))),
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
    await assert.rejects(berth.data.send(invocation), {
      name: 'RuntimeClientError',
      message:
        /Received error \(400\) from runtime\. Please check your CloudWatch logs for more information\./,
    });
  });

  it('refuses bad callers and bad input before any sandbox starts', async () => {
    const { server, data } = berth;
    const liveBefore = await berth.liveSessions();
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
    assert.equal(await berth.liveSessions(), liveBefore);
  });

  it('deletes a runtime with its sessions', async () => {
    await agents.remove(runtime);
    assert.ok(await agents.isGone(runtime));
    const { agentRuntimes } = await berth.control.send(new ListAgentRuntimesCommand({}));
    assert.deepEqual(agentRuntimes, []);
    assert.equal(await berth.liveSessions(), 0);
  });

  /** Of the server, in bytes, since it was started. */
  async function peakMemory(): Promise<number> {
    const status = await readFile(`/proc/${berth.process.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }
});
