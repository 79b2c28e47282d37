import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { BerthFixture } from '../fixture/berth-fixture.ts';
import { verifies } from '../requirements.ts';

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
    timeout: 300_000,
  },
  () => {
    let berth: BerthFixture;

    before(async () => {
      berth = await BerthFixture.start();
    });

    after(() => berth.destroy());

    for (const example of ['agentcore-ts', 'agentcore-python'] as const) {
      const expected = answers[example];
      describe(example, () => {
        let runtime: DeployedRuntime;

        before(async () => {
          runtime = await berth.deploy(example, example.replace('-', '_'));
        });

        it('answers JSON', async () => {
          verifies('setup:examples');
          const runtimeSessionId = randomUUID();
          const payload = Buffer.from(JSON.stringify({ prompt: 'good day' }));
          const answer = await berth.data.send(
            new InvokeAgentRuntimeCommand({ agentRuntimeArn: runtime.arn, runtimeSessionId, payload }),
          );
          assert.match(answer.contentType ?? '', /^application\/json/);
          assert.deepEqual(JSON.parse((await answer.response?.transformToString()) ?? ''), {
            ...expected.json,
            sessionId: runtimeSessionId,
          });
        });

        it('streams server-sent events', async () => {
          verifies('setup:examples');
          const events: string[] = [];
          await berth.agents.stream(runtime, randomUUID(), { prompt: 'good day', stream: true }, (event) =>
            events.push(event),
          );
          assert.deepEqual(
            events.map((event): unknown => JSON.parse(event.replace(/^data: /, ''))),
            expected.words.map((word) => ({ word })),
          );
        });
      });
    }
  },
);
