import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomInt, randomUUID, X509Certificate } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import { asRoot } from '../../scripts/as-root.ts';
import { BerthProcess } from '../../scripts/quickstart/berth-process.ts';
import { writePair } from '../../src/tls/testing/tls-fixture.ts';
import { berthCommand, BerthFixture, repository } from '../fixture/berth-fixture.ts';
import { installPythonClients, pythonClients } from '../fixture/python-clients.ts';
import { verifies } from '../requirements.ts';

const run = promisify(execFile);
/** Port 443 of an address of loopback that nobody else has. */
const address = `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(2, 255)}`;
const awsName = 'bedrock-agentcore.us-east-1.amazonaws.com';

describe('a server with TLS, by the host names of AWS', { timeout: 300_000 }, () => {
  let folder: string;
  let hostsFile: string;
  let berth: BerthFixture;
  let environment: Readonly<Record<string, string>>;
  let own: { certFile: string; keyFile: string };

  before(async () => {
    await installPythonClients();
    folder = await mkdtemp(join(tmpdir(), 'berth-names-'));
    own = { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') };
    await writePair(own, ['one.example.com']);
    berth = await BerthFixture.start({
      BERTH_TLS: 'on',
      BERTH_TLS_LISTEN: `${address}:443`,
      BERTH_TLS_CERT: own.certFile,
      BERTH_TLS_KEY: own.keyFile,
    });
    await berth.deploy('hello-node', 'hello');
    hostsFile = join(folder, 'hosts');
    await copyFile('/etc/hosts', hostsFile);
    await berth.cli('trust', '--apply', '--hosts-file', hostsFile);
    const { set } = JSON.parse((await berth.cli('env', '--json')).stdout) as { set: Record<string, string> };
    // What leads clients to Berth by a variable is left out.
    environment = Object.fromEntries(Object.entries(set).filter(([name]) => !/ENDPOINT/.test(name)));
  });

  after(async () => {
    await berth.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  /** In a mount namespace of its own, where /etc/hosts is the one that berth trust has written. */
  async function withNames(...command: readonly string[]): Promise<string> {
    const script = 'mount --bind "$1" /etc/hosts && shift && exec "$@"';
    const whole = ['unshare', '--mount', 'bash', '-c', script, 'bash', hostsFile, ...command];
    const [program, ...args] = asRoot(whole, Object.keys(environment));
    const env = { PATH: process.env['PATH'], HOME: folder, ...environment };
    return (await run(program, args, { env, cwd: repository })).stdout;
  }

  it('the AWS SDK for JavaScript invokes an agent', async () => {
    verifies('tls:clients', 'tls:trust-apply', 'tls:env', 'tls:names');
    const program = `
      import { BedrockAgentCoreClient, InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
      import { BedrockAgentCoreControlClient, ListAgentRuntimesCommand } from '@aws-sdk/client-bedrock-agentcore-control';
      const { agentRuntimes } = await new BedrockAgentCoreControlClient().send(new ListAgentRuntimesCommand({}));
      const { agentRuntimeArn } = agentRuntimes.find((runtime) => runtime.agentRuntimeName === 'hello');
      const call = new InvokeAgentRuntimeCommand({ agentRuntimeArn, payload: JSON.stringify({ prompt: 'from JavaScript' }) });
      const { response } = await new BedrockAgentCoreClient().send(call);
      console.log(await response.transformToString());`;
    const said = await withNames(process.execPath, '--input-type=module', '--eval', program);
    assert.match(said, /You said: from JavaScript/);
  });

  it('boto3 invokes an agent, and Python itself trusts the server', async () => {
    verifies('tls:clients', 'tls:bundle');
    const program = `
import json, urllib.request, boto3
runtimes = boto3.client('bedrock-agentcore-control').list_agent_runtimes()['agentRuntimes']
arn = next(r['agentRuntimeArn'] for r in runtimes if r['agentRuntimeName'] == 'hello')
answer = boto3.client('bedrock-agentcore').invoke_agent_runtime(agentRuntimeArn=arn, payload=json.dumps({'prompt': 'from Python'}))
print(answer['response'].read().decode())
large = 'x' * 20_000_000
answer = boto3.client('bedrock-agentcore').invoke_agent_runtime(agentRuntimeArn=arn, payload=json.dumps({'prompt': large}))
print('and back' if json.loads(answer['response'].read())['heard'] == [large] else 'not back')
print(urllib.request.urlopen('https://${awsName}/healthz').read().decode())`;
    const said = await withNames(join(pythonClients, 'bin/python'), '-c', program);
    assert.match(said, /You said: from Python.*\nand back\nok\n/s);
  });

  it('the WebSocket and shell helpers of the AgentCore SDK for Python need nothing else', async () => {
    verifies('tls:clients', 'tls:names');
    const { arn } = await berth.deploy('agentcore-python', 'talker');
    const story = join(repository, 'test/e2e/tls-story.py');
    const said = await withNames(join(pythonClients, 'bin/python'), story, arn);
    const answer = 'WebSocket: Your prompt has 7 letters.\n';
    assert.equal(said, `${answer}${answer}shell: 42 is the answer\n`);
  });

  it('the identity client of the AgentCore SDK for Python needs nothing else', async () => {
    verifies('tls:clients', 'identity:sdk-outside');
    const program = `
import asyncio
from bedrock_agentcore.services.identity import IdentityClient
client = IdentityClient('us-east-1')
client.create_api_key_credential_provider({'name': 'weather', 'apiKey': 'sk-weather'})
name = client.create_workload_identity()['name']
token = client.get_workload_access_token(name, user_id='ann')['workloadAccessToken']
print(asyncio.run(client.get_api_key(provider_name='weather', agent_identity_token=token)))`;
    assert.equal(await withNames(join(pythonClients, 'bin/python'), '-c', program), 'sk-weather\n');
  });

  it('curl trusts it, and without the bundle does not', async () => {
    verifies('tls:clients', 'tls:listener');
    const curl = ['curl', '--silent', '--show-error', `https://${awsName}/readyz`];
    assert.equal(await withNames(...curl), 'ok\n');
    const registry = ['--dump-header', '-', '--output', '/dev/null', `https://${awsName}/v2/`];
    assert.match(
      await withNames('curl', '--silent', ...registry),
      new RegExp(`^www-authenticate: Bearer realm="https://${awsName}/v2/token"`, 'im'),
    );
    await assert.rejects(withNames('env', '-u', 'SSL_CERT_FILE', '-u', 'CURL_CA_BUNDLE', ...curl), {
      stderr: /SSL certificate problem/,
    });
  });

  it('an agent calls the data plane by its AWS name from inside, and trusts it', async () => {
    verifies('tls:sandboxes');
    const unruly = await berth.deploy('unruly', 'unruly');
    const deed = {
      deed: 'call',
      url: `https://${awsName}/runtimes/x/invocations`,
      method: 'POST',
      variables: ['SSL_CERT_FILE', 'BEDROCK_AGENTCORE_DP_ENDPOINT'],
    };
    const { response } = await berth.data.send(
      new InvokeAgentRuntimeCommand({
        agentRuntimeArn: unruly.arn,
        runtimeSessionId: randomUUID(),
        payload: Buffer.from(JSON.stringify(deed)),
      }),
    );
    const seen = JSON.parse((await response?.transformToString()) ?? '') as {
      status: number;
      body: string;
      environment: object;
    };
    assert.equal(seen.status, 403, JSON.stringify(seen));
    assert.match(seen.body, /The request is not signed/);
    assert.deepEqual(seen.environment, {
      SSL_CERT_FILE: '/.berth/ca-bundle.pem',
      BEDROCK_AGENTCORE_DP_ENDPOINT: `https://${awsName}`,
    });
  });

  it("serves a certificate of the user's own for its name, and a new one without a restart", async () => {
    verifies('tls:own-certificate');
    assert.equal(await namesShownTo('one.example.com'), 'DNS:one.example.com');
    assert.match((await namesShownTo(awsName)) ?? '', new RegExp(`DNS:${awsName}, `));

    await writePair(own, ['two.example.com']);

    while ((await namesShownTo('two.example.com')) !== 'DNS:two.example.com') await sleep(200);
    const { pid } = JSON.parse((await berth.cli('status', '--json')).stdout) as { pid: number };
    assert.equal(pid, berth.process.pid);
  });

  it('does not start on an address that is taken, and says so', async () => {
    verifies('tls:listener');
    const second = new BerthProcess({ environment: { BERTH_TLS: 'on', BERTH_TLS_LISTEN: `${address}:443` } });
    await assert.rejects(second.start(), {
      stderr: new RegExp(`cannot listen with TLS at ${address}, port 443 .*EADDRINUSE.*--tls-listen`),
    });
    await second.destroy();
  });

  it('keeps its CA over a restart, so that clients go on trusting it', async () => {
    verifies('tls:authority', 'tls:trust');
    const ca = (await berth.cli('trust', '--ca')).stdout;
    await berth.process.stop();
    await berth.process.start();
    assert.equal((await berth.cli('trust', '--ca')).stdout, ca);
    const bundle = await readFile(`${berth.server.home}-ca/bundle.pem`, 'utf8');
    assert.ok(bundle.endsWith(ca));
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request({ host: address, servername: awsName, ca, path: '/healthz' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject).end();
    });
    assert.equal(answer, 200);
  });

  it('takes the names out of a hosts file that is a mount, as in a container', async () => {
    verifies('tls:trust-apply');
    assert.match(await withNames(berthCommand, 'trust', '--undo'), /are removed from \/etc\/hosts/);
    assert.equal(await readFile(hostsFile, 'utf8'), await readFile('/etc/hosts', 'utf8'));
  });

  async function namesShownTo(servername: string): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: address, port: 443, servername, rejectUnauthorized: false }, () => {
        resolve(new X509Certificate(socket.getPeerCertificate().raw).subjectAltName);
        socket.destroy();
      });
      socket.on('error', reject);
    });
  }
});
