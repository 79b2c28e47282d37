import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { Role, SendMessageRequest } from '@a2a-js/sdk';
import { ClientFactory, DefaultAgentCardResolver, JsonRpcTransportFactory } from '@a2a-js/sdk/client';
import { HttpAgent } from '@ag-ui/client';
import { GetAgentCardCommand } from '@aws-sdk/client-bedrock-agentcore';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { BerthFixture, repository } from '../fixture/berth-fixture.ts';
import { installPythonClients, pythonClients } from '../fixture/python-clients.ts';
import { signedFetch } from '../fixture/signed-fetch.ts';
import { verifies } from '../requirements.ts';

const run = promisify(execFile);

describe('A2A and AG-UI agents in sandboxes, and the clients of the field', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  let a2a: DeployedRuntime;
  let agui: DeployedRuntime;
  let fetchImpl: ReturnType<typeof signedFetch>;

  before(async () => {
    [berth] = await Promise.all([BerthFixture.start(), installPythonClients()]);
    fetchImpl = signedFetch(berth.server);
    const deploy = (serverProtocol: 'A2A' | 'AGUI') =>
      berth.deploy('protocols', `protocols_${serverProtocol.toLowerCase()}`, {
        environmentVariables: { PROTOCOL: serverProtocol },
        protocolConfiguration: { serverProtocol },
      });
    [a2a, agui] = [await deploy('A2A'), await deploy('AGUI')];
  });

  after(() => berth.destroy());

  const urlOf = ({ arn }: DeployedRuntime) =>
    `${berth.server.url}/runtimes/${encodeURIComponent(arn)}/invocations/`;

  it('GetAgentCard gives the card, whose address leads back to the agent', async () => {
    verifies('a2a:card');
    const runtimeSessionId = randomUUID();
    const answer = await berth.data.send(
      new GetAgentCardCommand({ agentRuntimeArn: a2a.arn, runtimeSessionId }),
    );
    assert.deepEqual([answer.runtimeSessionId, answer.statusCode], [runtimeSessionId, 200]);
    const card = answer.agentCard as { name: string; supportedInterfaces: { url: string }[] };
    assert.deepEqual([card.name, card.supportedInterfaces[0]?.url], ['Repeater', urlOf(a2a)]);
    await assert.rejects(berth.data.send(new GetAgentCardCommand({ agentRuntimeArn: agui.arn })), {
      name: 'ValidationException',
      message: /AGUI/,
    });
  });

  it('the JavaScript client finds the agent by its card, sends, streams and asks for the task', async () => {
    verifies('a2a:real-clients');
    const client = await new ClientFactory({
      transports: [new JsonRpcTransportFactory({ fetchImpl: inOneSession() })],
      cardResolver: new DefaultAgentCardResolver({ fetchImpl }),
    }).createFromUrl(urlOf(a2a), '.well-known/agent-card.json');
    const words: string[] = [];
    let taskId = '';
    for await (const { payload } of client.sendMessageStream(request('how are you'))) {
      if (payload?.$case === 'task') taskId = payload.value.id;
      if (payload?.$case !== 'artifactUpdate') continue;
      for (const { content } of payload.value.artifact?.parts ?? [])
        if (content?.$case === 'text') words.push(content.value);
    }
    assert.deepEqual(words, ['how', 'are', 'you']);
    const task = await client.getTask({ id: taskId, tenant: '' });
    assert.equal(task.artifacts.length, 1);
    await assert.rejects(client.getTask({ id: 'no-such-task', tenant: '' }), /not found/i);
  });

  it('the Python client does, too', async () => {
    verifies('a2a:real-clients');
    const { region, accessKeyId, secretAccessKey } = berth.server;
    const { stdout } = await run(
      join(pythonClients, 'bin/python'),
      [join(repository, 'test/e2e/a2a-story.py'), urlOf(a2a)],
      {
        env: {
          ...process.env,
          AWS_DEFAULT_REGION: region,
          AWS_ACCESS_KEY_ID: accessKeyId,
          AWS_SECRET_ACCESS_KEY: secretAccessKey,
        },
      },
    );
    assert.equal(stdout.trim(), 'Repeater: how are you');
  });

  it('the AG-UI client runs an agent and sees its events', async () => {
    verifies('agui:real-clients');
    const threadId = randomUUID();
    const agent = new HttpAgent({ url: urlOf(agui), threadId, fetch: fetchImpl });
    agent.addMessage({ id: randomUUID(), role: 'user', content: 'how are you' });
    const deltas: string[] = [];
    const { newMessages } = await agent.runAgent(
      {},
      { onTextMessageContentEvent: ({ event }) => void deltas.push(event.delta) },
    );
    assert.deepEqual(deltas, ['how ', 'are ', 'you']);
    assert.equal(newMessages[0]?.content, 'how are you');
  });

  it('the AG-UI client is told of a failure by RUN_ERROR', async () => {
    verifies('agui:real-clients');
    const agent = new HttpAgent({ url: urlOf(agui), fetch: fetchImpl });
    agent.addMessage({ id: randomUUID(), role: 'user', content: 'fail' });
    const errors: unknown[] = [];
    await agent
      .runAgent({}, { onRunErrorEvent: ({ event }) => void errors.push(event.code) })
      .catch(() => undefined);
    assert.deepEqual(errors, ['AGENT_ERROR']);
  });

  /** Tasks are kept in the sandbox, so their client stays in one session. */
  function inOneSession() {
    const sessionId = randomUUID();
    return (input: string | URL | Request, init: RequestInit = {}) => {
      const headers = new Headers(init.headers);
      headers.set('X-Amzn-Bedrock-AgentCore-Runtime-Session-Id', sessionId);
      return fetchImpl(input, { ...init, headers });
    };
  }
});

function request(text: string) {
  return SendMessageRequest.fromJSON({
    message: { messageId: randomUUID(), role: Role.ROLE_USER, parts: [{ text }] },
  });
}
