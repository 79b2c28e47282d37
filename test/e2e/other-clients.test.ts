import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { BerthProcess, type ServerAccess } from '../../scripts/quickstart/berth-process.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const berthCommand = join(root, 'bin/berth');
const python = join(root, '.cache/python-clients');

describe('clients in other languages, with nothing but berth env', { timeout: 300_000 }, () => {
  const berth = new BerthProcess();
  let server: ServerAccess;
  let folder: string;

  before(async () => {
    await installPythonClients();
    folder = await mkdtemp(join(tmpdir(), 'berth-clients-'));
    server = await berth.start();
    await inEnvironment(berthCommand, 'deploy', `oci:${root}/.cache/images/hello-node`, '--name', 'hello');
  });

  after(async () => {
    await berth.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  /** `berth env -- COMMAND`, as a user would run it. */
  function inEnvironment(...command: readonly string[]) {
    return run(berthCommand, ['env', '--', ...command], { env: { ...process.env, BERTH_HOME: server.home } });
  }

  it('boto3 creates, invokes, streams, sends 95 MB, lists, updates, stops and deletes', async () => {
    const image = `${new URL(server.url).host}/hello:latest`;
    const { stdout } = await inEnvironment(
      join(python, 'bin/python'),
      join(root, 'test/e2e/boto3-story.py'),
      image,
    );
    assert.equal(stdout, 'told\n');
  });

  it('the aws command lists, invokes, stops and deletes', async () => {
    const aws = join(python, 'bin/aws');
    const list = await inEnvironment(
      aws,
      'bedrock-agentcore-control',
      'list-agent-runtimes',
      '--output',
      'json',
    );
    const { agentRuntimes } = JSON.parse(list.stdout) as {
      agentRuntimes: { agentRuntimeArn: string; agentRuntimeId: string }[];
    };
    const [runtime] = agentRuntimes;
    assert.ok(runtime);
    const answerFile = join(folder, 'answer.json');
    const data = [aws, 'bedrock-agentcore'];
    const target = ['--agent-runtime-arn', runtime.agentRuntimeArn];
    const invoked = await inEnvironment(
      ...data,
      'invoke-agent-runtime',
      ...target,
      '--payload',
      '{"prompt":"hi"}',
      '--output',
      'json',
      answerFile,
    );
    const { runtimeSessionId } = JSON.parse(invoked.stdout) as { runtimeSessionId: string };
    assert.match(await readFile(answerFile, 'utf8'), /You said: hi/);
    await inEnvironment(...data, 'stop-runtime-session', ...target, '--runtime-session-id', runtimeSessionId);
    await inEnvironment(
      aws,
      'bedrock-agentcore-control',
      'delete-agent-runtime',
      '--agent-runtime-id',
      runtime.agentRuntimeId,
    );
  });
});

async function installPythonClients(): Promise<void> {
  const isThere = await access(join(python, 'bin/aws')).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  await run('python3', ['-m', 'venv', python]);
  await run(join(python, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ...pythonClients]);
}

/** An awscli release names the botocore that it goes with, and boto3 follows it. */
const pythonClients = ['awscli==1.46.3', 'boto3'];
