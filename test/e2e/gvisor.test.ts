import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import { TagResourceCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { BerthFixture } from '../fixture/berth-fixture.ts';
import { verifies } from '../requirements.ts';

describe('a server whose sandboxes are of gVisor', { timeout: 300_000 }, () => {
  let berth: BerthFixture;

  before(async () => {
    berth = await BerthFixture.start({ BERTH_ISOLATION: 'gvisor' });
  });

  after(() => berth.destroy());

  async function invoke(runtime: DeployedRuntime, payload: object, runtimeSessionId = randomUUID()) {
    const answer = await berth.data.send(
      new InvokeAgentRuntimeCommand({
        agentRuntimeArn: runtime.arn,
        runtimeSessionId,
        payload: Buffer.from(JSON.stringify(payload)),
        contentType: 'application/json',
        accept: 'application/json, text/event-stream',
      }),
    );
    return (await answer.response?.transformToString()) ?? '';
  }

  /** What the sandbox says of its kernel. */
  async function kernelOf(runtime: DeployedRuntime, sessionId: string): Promise<string> {
    const { stdout } = await berth.cli(
      'exec',
      '-s',
      sessionId,
      runtime.id,
      '--',
      'read -r line < /proc/version; echo "$line"',
    );
    return stdout;
  }

  for (const example of ['hello-node', 'agentcore-ts', 'agentcore-python'] as const) {
    it(`answers by ${example}, whose kernel is gVisor's`, async () => {
      verifies('isolation:examples');
      const runtime = await berth.deploy(example, example.replaceAll('-', '_'));
      const sessionId = randomUUID();

      const answer = await invoke(runtime, { prompt: 'good day' }, sessionId);

      assert.match(answer, /good day|7 letters/);
      assert.match(await kernelOf(runtime, sessionId), /gVisor/i);
    });
  }

  it('serves an MCP server in Python', async () => {
    verifies('isolation:examples');
    const runtime = await berth.deploy('mcp-python', 'mcp_python', {
      protocolConfiguration: { serverProtocol: 'MCP' },
    });

    const answer = await invoke(runtime, { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });

    assert.match(answer, /greet_user/);
  });

  it('walls the sandboxes of one runtime off otherwise, by its option', async () => {
    verifies('isolation:by-runtime');
    const runtime = await berth.deploy('hello-node', 'by_option');
    await berth.control.send(
      new TagResourceCommand({ resourceArn: runtime.arn, tags: { 'berth:isolation': 'runc' } }),
    );
    const sessionId = randomUUID();

    await invoke(runtime, { prompt: 'good day' }, sessionId);

    assert.doesNotMatch(await kernelOf(runtime, sessionId), /gVisor/i);
  });
});
