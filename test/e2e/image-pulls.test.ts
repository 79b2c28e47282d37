import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetAgentRuntimeCommand, CreateAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { freePort } from '../../scripts/free-port.ts';
import { hostPlatform } from '../../src/images/platform.ts';
import { openOtherRegistry } from '../../src/images/testing/other-registry.ts';
import { makeSampleImage } from '../../src/images/testing/sample-image.ts';
import { berthCommand, BerthFixture } from '../fixture/berth-fixture.ts';
import { signedFetch } from '../fixture/signed-fetch.ts';
import { verifies } from '../requirements.ts';

describe('images of other registries', { timeout: 300_000 }, () => {
  let folder: string;
  /** Another Berth is the registry: with TLS, and a CA that nobody knows. */
  let far: BerthFixture;
  let farHost: string;
  let near: BerthFixture;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-certs-'));
    farHost = `127.0.0.1:${await freePort()}`;
    far = await BerthFixture.start({ BERTH_TLS: 'on', BERTH_TLS_LISTEN: farHost });
    near = await BerthFixture.start({ BERTH_REGISTRY_CERTS: folder });
    await far.push('hello-node', 'far/hello:v1');
    await login(farHost, far);
  });

  after(async () => {
    await near.destroy();
    await far.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  it('that has a CA of its own are pulled once that is named, and not before', async () => {
    verifies('images:registry-ca');
    await mkdir(join(folder, farHost));
    await writeFile(join(folder, farHost, 'hosts.toml'), `server = "https://${farHost}"\n`);
    const reason = await createFailed('unknown_ca', `${farHost}/far/hello:v1`);
    assert.match(reason, new RegExp(`put that into ${farHost}/ca.crt in a folder of BERTH_REGISTRY_CERTS`));

    await rm(join(folder, farHost, 'hosts.toml'));
    await copyFile(`${far.server.home}-ca/ca.pem`, join(folder, farHost, 'ca.crt'));
    const runtime = await near.agents.create(near.settings('known_ca', `${farHost}/far/hello:v1`));
    assert.ok((await near.agents.invoke(runtime, randomUUID(), {})).bootId);
  });

  it('come through a mirror that serves in the place of a registry far away', async () => {
    verifies('images:mirrors');
    await mkdir(join(folder, 'registry.invalid'));
    await copyFile(`${far.server.home}-ca/ca.pem`, join(folder, 'registry.invalid', 'own.pem'));
    await writeFile(
      join(folder, 'registry.invalid', 'hosts.toml'),
      `[host."https://${farHost}"]\n  ca = "own.pem"\n`,
    );
    const runtime = await near.agents.create(near.settings('mirrored', 'registry.invalid/far/hello:v1'));
    assert.ok((await near.agents.invoke(runtime, randomUUID(), {})).bootId);
  });

  it('go on where they were, when the server is killed in the middle of a layer', async () => {
    verifies('images:pull-resume', 'images:pull-verified');
    const image = makeSampleImage({
      platform: hostPlatform(),
      files: [randomBytes(12 * 2 ** 20).toString('latin1')],
    });
    const [layer] = image.layers;
    assert.ok(layer);
    await using registry = await openOtherRegistry();
    registry.addImage('v1', image);
    const sentBytes = 8 * 2 ** 20;
    registry.twist = ({ url, headers }, response) => {
      if (url !== `/v2/app/blobs/${layer.digest}` || headers.range !== undefined) return false;
      response.writeHead(200, { 'content-length': layer.bytes.byteLength });
      response.write(layer.bytes.subarray(0, sentBytes));
      return true;
    };
    const { agentRuntimeId } = await near.control.send(
      new CreateAgentRuntimeCommand(near.settings('cut_off', `${registry.host}/app:v1`)),
    );
    await until(async () => (await progressOf(agentRuntimeId)) >= sentBytes - 2 ** 20);

    await near.process.kill();
    await near.process.start();

    await until(async () => (await statusOf(agentRuntimeId)) === 'READY');
    const ranges = registry.requests.flatMap(({ headers }) => headers.range ?? []);
    assert.equal(ranges.length, 1);
    assert.ok(Number(/^bytes=(\d+)-$/.exec(ranges[0] ?? '')?.[1]) >= sentBytes - 2 ** 20, ranges[0]);
  });

  async function login(host: string, { server }: BerthFixture): Promise<void> {
    const env = { ...process.env, BERTH_HOME: near.server.home };
    const child = execFile(berthCommand, ['registry', 'login', host, '-u', server.accessKeyId], { env });
    child.stdin?.end(`${server.secretAccessKey}\n`);
    const code = await new Promise((resolve) => child.once('exit', resolve));
    assert.equal(code, 0);
  }

  async function createFailed(name: string, uri: string): Promise<string> {
    const { agentRuntimeId } = await near.control.send(
      new CreateAgentRuntimeCommand(near.settings(name, uri)),
    );
    await until(async () => (await statusOf(agentRuntimeId)) === 'CREATE_FAILED');
    const found = await near.control.send(new GetAgentRuntimeCommand({ agentRuntimeId }));
    return found.failureReason ?? '';
  }

  async function statusOf(agentRuntimeId: string | undefined): Promise<string> {
    return (await near.control.send(new GetAgentRuntimeCommand({ agentRuntimeId }))).status ?? '';
  }

  async function progressOf(agentRuntimeId: string | undefined): Promise<number> {
    const path = `/berth/v1/runtimes/${agentRuntimeId}/versions/1/preparation`;
    const answer = (await (await signedFetch(near.server)(`${near.server.url}${path}`)).json()) as {
      done?: number;
    };
    return answer.done ?? 0;
  }

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    for (let attempt = 0; !(await isSo()); attempt += 1) {
      assert.ok(attempt < 1200, 'it did not come to that');
      await sleep(50);
    }
  }
});
