import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { Agents, type DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { BerthProcess, type ServerAccess } from '../../scripts/quickstart/berth-process.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const berthCommand = join(root, 'bin/berth');

describe('what is killed without notice', { timeout: 300_000 }, () => {
  const berth = new BerthProcess();
  let server: ServerAccess;
  let agents: Agents;
  let runtime: DeployedRuntime;
  const bootIds = new Map<string, string>();

  before(async () => {
    server = await berth.start();
    const connection = {
      endpoint: server.url,
      region: server.region,
      credentials: { accessKeyId: server.accessKeyId, secretAccessKey: server.secretAccessKey },
    };
    agents = new Agents(
      new BedrockAgentCoreControlClient(connection),
      new BedrockAgentCoreClient(connection),
    );
    const { stdout } = await cli(
      'deploy',
      `oci:${root}/.cache/images/hello-node`,
      '--name',
      'hello',
      '--json',
    );
    const { agentRuntimeArn: arn, agentRuntimeId: id } = JSON.parse(stdout) as {
      agentRuntimeArn: string;
      agentRuntimeId: string;
    };
    runtime = { arn, id };
    for (let session = 0; session < 12; session += 1) {
      const sessionId = randomUUID();
      bootIds.set(sessionId, (await agents.invoke(runtime, sessionId, {})).bootId);
    }
  });

  after(() => berth.destroy());

  function cli(...command: readonly string[]) {
    return run(berthCommand, command, { env: { ...process.env, BERTH_HOME: server.home } });
  }

  async function assertAllLive(): Promise<void> {
    for (const [sessionId, bootId] of bootIds) {
      assert.equal((await agents.invoke(runtime, sessionId, {})).bootId, bootId);
    }
  }

  it('the server: every session goes on in its sandbox', async () => {
    await berth.kill();
    await berth.start();
    await assertAllLive();
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    assert.match(metrics, /^berth_session_adoptions_total 12$/m);
  });

  it('containerd: sessions go on, and new ones start as soon as it is back', async () => {
    const pids = (await run('pgrep', ['-f', `containerd.*${server.home}/`])).stdout.trim().split('\n');
    const daemons = [];
    for (const pid of pids) {
      const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      if (/\/containerd\0/.test(commandLine)) daemons.push(Number(pid));
    }
    assert.equal(daemons.length, 1);
    for (const pid of daemons) process.kill(pid, 'SIGKILL');
    await assertAllLive();
    const another = randomUUID();
    for (let attempt = 0; ; attempt += 1) {
      try {
        bootIds.set(another, (await agents.invoke(runtime, another, {})).bootId);
        break;
      } catch (error) {
        if (attempt === 20) throw error;
        await sleep(500);
      }
    }
  });

  it('one agent: only its own session is lost, and the same id starts clean', async () => {
    const [victim] = bootIds.keys();
    assert.ok(victim);
    const { stdout } = await cli('sessions', 'list', 'hello', '--json');
    const sandboxId = new RegExp(`"${victim}"[^}]*"(sb-[a-z0-9]+)"`).exec(
      stdout.replaceAll(/\s+/g, ' '),
    )?.[1];
    assert.ok(sandboxId, stdout);
    for (const pid of await processesOf(sandboxId)) process.kill(pid, 'SIGKILL');
    await sleep(1_000);
    const fresh = await agents.invoke(runtime, victim, {});
    assert.notEqual(fresh.bootId, bootIds.get(victim));
    bootIds.set(victim, fresh.bootId);
    await assertAllLive();
  });

  it('nothing is left after down --sessions', async () => {
    const names = await leftovers();
    assert.notDeepEqual(names, []);
    await cli('down', '--sessions');
    assert.deepEqual(await leftovers(), []);
  });

  /** Everything on this machine that carries the server's tag, or its home. */
  async function leftovers(): Promise<string[]> {
    const mounts = (await readFile('/proc/mounts', 'utf8'))
      .split('\n')
      .filter((line) => line.includes(server.home));
    const links = (await run('ip', ['-o', 'link'])).stdout
      .split('\n')
      .filter((line) => line.includes(`-${tag}`));
    const namespaces = (await run('ip', ['netns'])).stdout.split('\n').filter((line) => line.includes(tag));
    const processes = await run('pgrep', ['-af', `containerd.*(${server.home}|berth-${tag})`]).then(
      ({ stdout }) => stdout.trim().split('\n'),
      () => [],
    );
    const groups = [];
    for await (const group of glob(['/sys/fs/cgroup/*/berth-*', '/sys/fs/cgroup/berth-*'])) {
      if (group.includes(tag)) groups.push(group);
    }
    return [...mounts, ...links, ...namespaces, ...processes, ...groups];
  }
  let tag = 'unknown';

  async function processesOf(sandboxId: string): Promise<number[]> {
    const pids = new Set<number>();
    for await (const file of glob([
      `/sys/fs/cgroup/*/berth-*/${sandboxId}/cgroup.procs`,
      `/sys/fs/cgroup/berth-*/${sandboxId}/cgroup.procs`,
    ])) {
      tag = /berth-([0-9a-f]+)/.exec(file)?.[1] ?? tag;
      for (const pid of (await readFile(file, 'utf8')).split('\n')) if (pid !== '') pids.add(Number(pid));
    }
    assert.ok(pids.size > 0, `no process of ${sandboxId} was found`);
    return [...pids];
  }
});
