import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { BedrockAgentCoreClient, InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { Agents, type DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { BerthProcess, type ServerAccess } from '../../scripts/quickstart/berth-process.ts';

const run = promisify(execFile);
const images = resolve(import.meta.dirname, '../../.cache/images');
const answers = {
  'agentcore-ts': {
    json: { answer: 'You said: good day', heard: ['good day'] },
    words: ['You', 'said:', 'good', 'day'],
  },
  'agentcore-python': {
    json: { answer: 'Your prompt has 7 letters.', messages: 4 },
    words: ['Your ', 'prompt ', 'has ', '7 ', 'letters.'],
  },
};

describe(
  'agents made with the AgentCore SDKs, called without Content-Type and Accept',
  {
    timeout: 180_000,
  },
  () => {
    const berth = new BerthProcess();
    let server: ServerAccess;
    let agents: Agents;
    let data: BedrockAgentCoreClient;

    before(async () => {
      server = await berth.start();
      const connection = {
        endpoint: server.url,
        region: server.region,
        credentials: { accessKeyId: server.accessKeyId, secretAccessKey: server.secretAccessKey },
      };
      data = new BedrockAgentCoreClient({ ...connection, maxAttempts: 1 });
      agents = new Agents(new BedrockAgentCoreControlClient(connection), data);
    });

    after(() => berth.destroy());

    for (const [example, expected] of Object.entries(answers)) {
      describe(example, () => {
        let runtime: DeployedRuntime;

        before(async () => {
          runtime = await deploy(example);
        });

        it('answers JSON', async () => {
          const runtimeSessionId = randomUUID();
          const payload = Buffer.from(JSON.stringify({ prompt: 'good day' }));
          const answer = await data.send(
            new InvokeAgentRuntimeCommand({ agentRuntimeArn: runtime.arn, runtimeSessionId, payload }),
          );
          assert.match(answer.contentType ?? '', /^application\/json/);
          assert.deepEqual(JSON.parse((await answer.response?.transformToString()) ?? ''), {
            ...expected.json,
            sessionId: runtimeSessionId,
          });
        });

        it('streams server-sent events', async () => {
          const events: string[] = [];
          await agents.stream(runtime, randomUUID(), { prompt: 'good day', stream: true }, (event) =>
            events.push(event),
          );
          assert.deepEqual(
            events.map((event): unknown => JSON.parse(event.replace(/^data: /, ''))),
            expected.words.map((word) => ({ word })),
          );
        });
      });
    }

    async function deploy(example: string): Promise<DeployedRuntime> {
      const containerUri = `${new URL(server.url).host}/${example}:v1`;
      await run('skopeo', [
        'copy',
        '--quiet',
        '--dest-tls-verify=false',
        `--dest-creds=${server.accessKeyId}:${server.secretAccessKey}`,
        `oci:${images}/${example}:latest`,
        `docker://${containerUri}`,
      ]);
      return agents.create({
        agentRuntimeName: example.replace('-', '_'),
        agentRuntimeArtifact: { containerConfiguration: { containerUri } },
        roleArn: 'arn:aws:iam::000000000000:role/agent',
        networkConfiguration: { networkMode: 'PUBLIC' },
      });
    }
  },
);
