import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { StopRuntimeSessionCommand } from '@aws-sdk/client-bedrock-agentcore';
import { WebSocket } from 'ws';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { decodeShellFrame, encodeShellFrame } from '../../src/shared/shell-frames.ts';
import { berthCommand, BerthFixture, repository } from '../fixture/berth-fixture.ts';
import { installPythonClients, pythonClients } from '../fixture/python-clients.ts';
import { RequestSigner } from '../fixture/request-signer.ts';
import { verifies } from '../requirements.ts';

const sessionHeader = 'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id';

describe('shells in the sandboxes of sessions', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  let agent: DeployedRuntime;

  before(async () => {
    await installPythonClients();
    berth = await BerthFixture.start();
    agent = await berth.deploy('hello-node', 'shells');
  });
  after(() => berth.destroy());

  async function open(sessionId: string): Promise<WebSocket> {
    const path = `/runtimes/${encodeURIComponent(agent.arn)}/ws/shells`;
    const signer = new RequestSigner({ ...berth.server, url: berth.server.url });
    const headers = await signer.sign({ method: 'GET', path, headers: { [sessionHeader]: sessionId } });
    return new WebSocket(`${berth.server.url.replace('http:', 'ws:')}${path}`, { headers });
  }

  it('the AgentCore SDK for Python opens, leaves, finds and takes them over', async () => {
    verifies('shells:clients', 'shells:reconnect', 'shells:take-over');
    const { stdout } = await berth.cli(
      'env',
      '--',
      join(pythonClients, 'bin/python'),
      join(repository, 'test/e2e/shells-story.py'),
      agent.arn,
    );
    assert.equal(stdout, 'told\n');
  });

  it('berth shell is a terminal in the sandbox, which is left and found again', async () => {
    verifies('cli:shell', 'shells:reconnect');
    const session = randomUUID();
    /** At a terminal of 100 columns; types one line after the other when the one before has its answer. */
    const sit = async (...dialogue: readonly (readonly [wanted: string, keys: string])[]) => {
      const line = `stty cols 100 rows 30; exec ${berthCommand} shell ${agent.id} -s ${session} --shell one`;
      const env = { ...process.env, BERTH_HOME: berth.server.home, SHELL: '/bin/sh' };
      const child = spawn('script', ['-qec', line, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
      let seen = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (seen += chunk));
      for (const [wanted, keys] of dialogue) {
        while (!seen.includes(wanted)) await once(child.stdout, 'data');
        child.stdin.write(keys);
      }
      const [code] = (await once(child, 'close')) as [number];
      return { code, seen };
    };

    const first = await sit(['$ ', 'KEPT=value; echo $(stty size).\n'], ['30 100.', '\u001d']);
    assert.equal(first.code, 0);
    assert.match(first.seen, new RegExp(`berth shell ${agent.id} --session ${session} --shell one`));
    const second = await sit(['leaves it running', '\n'], ['$ ', 'echo it is $KEPT.; exit 5\n']);

    assert.match(second.seen, /it is value\./);
    assert.equal(second.code, 5);
  });

  it('ws opens one, which ends with its session and says so', async () => {
    verifies('shells:clients', 'shells:session');
    const session = randomUUID();
    const socket = await open(session);
    let output = '';
    const channels: (string | undefined)[] = [];
    socket.on('message', (data: Buffer) => {
      const frame = decodeShellFrame(data);
      channels.push(frame?.channel);
      if (frame?.channel === 'stdout') output += frame.payload.toString();
    });
    await once(socket, 'open');

    socket.send(encodeShellFrame('stdin', 'echo $(tty) $TERM $(whoami)\n'));
    while (!output.includes('/dev/pts/0 xterm-256color agent\r\n')) await once(socket, 'message');
    const closed = once(socket, 'close');
    await berth.data.send(
      new StopRuntimeSessionCommand({ agentRuntimeArn: agent.arn, runtimeSessionId: session }),
    );

    assert.equal((await closed)[0], 1000);
    assert.deepEqual(channels.slice(-3), ['stderr', 'status', 'close']);
  });
});
