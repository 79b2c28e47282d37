import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { Agent } from 'undici';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { verifies } from '../requirements.ts';
import { BerthFixture } from '../fixture/berth-fixture.ts';
import { RequestSigner } from '../fixture/request-signer.ts';

const sessions = 100;

describe('a burst of new sessions on the real engine', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  let runtime: DeployedRuntime;
  const client = new Agent({ connections: sessions, headersTimeout: 0 });

  before(async () => {
    berth = await BerthFixture.start();
    runtime = await berth.deploy('hello-node', 'burst');
  });

  after(async () => {
    await client.destroy();
    await berth.destroy();
  });

  it(`${sessions} at once all answer, each from a sandbox of its own; berth top sees them`, async () => {
    verifies('bursts:all-answer', 'bursts:top');
    const signer = new RequestSigner(berth.server);
    const answers = Promise.all(Array.from({ length: sessions }, () => firstCall(signer)));
    const seen = await topUntil(({ sessions: live, starts }) => live.length > 50 && starts.waiting > 0);
    assert.ok(seen.starts.inFlight <= seen.starts.limit);
    assert.deepEqual(
      seen.starts.queues.map(({ runtimeId }) => runtimeId),
      [runtime.id],
    );

    const all = await answers;
    assert.deepEqual([...new Set(all.map(({ status }) => status))], [200]);
    assert.equal(new Set(all.map(({ bootId }) => bootId)).size, sessions);
    const { sessions: live, starts } = await topUntil(({ starts: { inFlight } }) => inFlight === 0);
    assert.equal(live.length, sessions);
    assert.equal(starts.waiting, 0);
    assert.ok(live.every(({ state, memoryBytes }) => state === 'ready' && Number(memoryBytes) > 0));
    await berth.cli('down', '--sessions');
  });

  async function firstCall(signer: RequestSigner): Promise<{ status: number; bootId: string }> {
    const path = `/runtimes/${encodeURIComponent(runtime.arn)}/invocations`;
    const headers = await signer.sign({
      method: 'POST',
      path,
      headers: {
        'content-type': 'application/json',
        'x-amzn-bedrock-agentcore-runtime-session-id': randomUUID(),
      },
      body: '{}',
    });
    const { statusCode, body } = await client.request({
      origin: berth.server.url,
      path,
      method: 'POST',
      headers,
      body: '{}',
    });
    const text = await body.text();
    assert.equal(statusCode, 200, text);
    return { status: statusCode, bootId: (JSON.parse(text) as { bootId: string }).bootId };
  }

  interface Seen {
    readonly starts: {
      readonly inFlight: number;
      readonly limit: number;
      readonly waiting: number;
      readonly queues: readonly { readonly runtimeId: string }[];
    };
    readonly sessions: readonly { readonly state: string; readonly memoryBytes?: number }[];
  }

  async function topUntil(isThere: (load: Seen) => boolean): Promise<Seen> {
    for (;;) {
      const load = JSON.parse((await berth.cli('top', '--once', '--json')).stdout) as Seen;
      if (isThere(load)) return load;
    }
  }
});
