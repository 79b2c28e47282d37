import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BerthFixture, repository } from '../fixture/berth-fixture.ts';
import { verifies } from '../requirements.ts';
import { installPythonClients, pythonClients } from '../fixture/python-clients.ts';

describe('clients in other languages, with nothing but berth env', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  let folder: string;

  before(async () => {
    await installPythonClients();
    folder = await mkdtemp(join(tmpdir(), 'berth-clients-'));
    berth = await BerthFixture.start();
    await berth.push('hello-node', 'hello:latest');
  });

  after(async () => {
    await berth.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  /** `berth env -- COMMAND`, as a user would run it. */
  function inEnvironment(...command: readonly string[]) {
    return berth.cli('env', '--', ...command);
  }

  it('boto3 walks the labs with an agent of the AgentCore SDK', async () => {
    verifies('labs:A1', 'labs:A3b', 'clients:python');
    const image = await berth.push('agentcore-python', 'strands-agent:latest');
    const { stdout } = await inEnvironment(
      join(pythonClients, 'bin/python'),
      join(repository, 'test/e2e/labs-story.py'),
      image,
    );
    assert.equal(stdout, 'told\n');
  });

  it('boto3 creates, invokes, streams, sends 95 MB, lists, updates, stops and deletes', async () => {
    verifies('clients:python', 'labs:A3a', 'labs:A3c');
    const { stdout } = await inEnvironment(
      join(pythonClients, 'bin/python'),
      join(repository, 'test/e2e/boto3-story.py'),
      berth.imageUri('hello:latest'),
    );
    assert.equal(stdout, 'told\n');
  });

  it('the aws command creates, invokes, streams, sends 95 MB, lists, updates, stops and deletes', async () => {
    verifies('clients:aws-command');
    const created = await aws(
      'control',
      'create-agent-runtime',
      '--agent-runtime-name',
      'aws_story',
      ...settings(),
    );
    const { agentRuntimeArn: arn, agentRuntimeId: id } = created;
    await untilServed(id, '1');

    const answered = await invoke(arn, '{"prompt":"hi"}');
    assert.equal(answered.contentType, 'application/json');
    assert.match(answered.text, /You said: hi/);
    const { contentType, text } = await invoke(arn, '{"stream":3,"everyMs":20}');
    assert.match(contentType, /^text\/event-stream/);
    assert.equal(text.match(/^data: /gm)?.length, 3);
    const payload = join(folder, 'payload.json');
    const prompt = 'x'.repeat(95_000_000);
    await writeFile(payload, JSON.stringify({ prompt }));
    const large = await invoke(arn, `fileb://${payload}`);
    assert.ok(large.text.includes(prompt), 'the large answer holds the large prompt');

    await aws('control', 'update-agent-runtime', '--agent-runtime-id', id, ...settings());
    await untilServed(id, '2');
    const { agentRuntimes } = await aws('control', 'list-agent-runtimes');
    const versions = agentRuntimes.filter((runtime) => runtime.agentRuntimeId === id);
    assert.deepEqual(
      versions.map((runtime) => runtime.agentRuntimeVersion),
      ['2'],
    );
    await aws(
      'data',
      'stop-runtime-session',
      '--agent-runtime-arn',
      arn,
      '--runtime-session-id',
      large.session,
    );
    await aws('control', 'delete-agent-runtime', '--agent-runtime-id', id);
  });

  function settings(): readonly string[] {
    const containerUri = berth.imageUri('hello:latest');
    return [
      '--agent-runtime-artifact',
      JSON.stringify({ containerConfiguration: { containerUri } }),
      '--role-arn',
      'arn:aws:iam::000000000000:role/agent',
      '--network-configuration',
      'networkMode=PUBLIC',
    ];
  }

  async function aws(plane: 'control' | 'data', ...command: readonly string[]): Promise<AwsAnswer> {
    const service = plane === 'control' ? 'bedrock-agentcore-control' : 'bedrock-agentcore';
    const { stdout } = await inEnvironment(
      join(pythonClients, 'bin/aws'),
      service,
      '--output',
      'json',
      ...command,
    );
    return JSON.parse(stdout) as AwsAnswer;
  }

  async function invoke(arn: string, payload: string) {
    const file = join(folder, 'answer');
    const answer = await aws(
      'data',
      'invoke-agent-runtime',
      '--agent-runtime-arn',
      arn,
      '--payload',
      payload,
      file,
    );
    return {
      session: answer.runtimeSessionId,
      contentType: answer.contentType,
      text: await readFile(file, 'utf8'),
    };
  }

  async function untilServed(id: string, version: string): Promise<void> {
    const question = ['get-agent-runtime-endpoint', '--agent-runtime-id', id, '--endpoint-name', 'DEFAULT'];
    for (;;) {
      const endpoint = await aws('control', ...question);
      assert.doesNotMatch(endpoint.status, /FAILED/);
      if (endpoint.status === 'READY' && endpoint.liveVersion === version) return;
    }
  }
});

/** Members of the answers of several operations. */
interface AwsAnswer {
  readonly agentRuntimeArn: string;
  readonly agentRuntimeId: string;
  readonly agentRuntimes: readonly {
    readonly agentRuntimeId: string;
    readonly agentRuntimeVersion: string;
  }[];
  readonly status: string;
  readonly liveVersion: string;
  readonly contentType: string;
  readonly runtimeSessionId: string;
}
