import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { DeleteAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import type { Agents, DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { BerthFixture } from '../fixture/berth-fixture.ts';
import { verifies } from '../requirements.ts';

const path = '/mnt/data/note';

describe('storage of sessions on the real engine', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  let agents: Agents;
  let runtime: DeployedRuntime;

  before(async () => {
    berth = await BerthFixture.start({ BERTH_SESSION_STORAGE_SIZE: '64MiB' });
    ({ agents } = berth);
    runtime = await berth.deploy('hello-node', 'hello', {
      filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/data' } }],
    });
  });

  after(() => berth.destroy());

  it('files come back after a stop, and after kill -9 of the server', async () => {
    verifies('session-storage:comes-back', 'session-storage:crash', 'session-storage:shown');
    const [id, other] = [randomUUID(), randomUUID()];
    await agents.invoke(runtime, id, { writeFile: { path, text: 'first' } });
    await agents.stop(runtime, id);
    assert.equal((await agents.invoke(runtime, id, { readFile: path })).file, 'first');
    assert.equal((await agents.invoke(runtime, other, { readFile: path })).file, 'ENOENT');

    await agents.invoke(runtime, id, { writeFile: { path, text: 'second' } });
    await berth.process.kill();
    await berth.process.start();

    assert.equal((await agents.invoke(runtime, id, { readFile: path })).file, 'second');
    await agents.stop(runtime, id);
    assert.equal((await agents.invoke(runtime, id, { readFile: path })).file, 'second');
    const listed = await stored();
    assert.deepEqual(listed.map(({ sessionId }) => sessionId).toSorted(), [id, other].toSorted());
    assert.ok(listed.every(({ usedBytes, sizeBytes }) => usedBytes > 0 && sizeBytes === 64 * 2 ** 20));
  });

  it('files go with their runtime', async () => {
    verifies('session-storage:deleted');
    await berth.control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId: runtime.id }));
    while ((await stored()).length > 0) await new Promise((done) => setTimeout(done, 100));
  });

  async function stored() {
    const { stdout } = await berth.cli('sessions', 'storage', '--json');
    return JSON.parse(stdout) as { sessionId: string; usedBytes: number; sizeBytes: number }[];
  }
});
