import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { systemRandom } from '../../shared/ids.ts';
import { parseReference } from '../reference.ts';
import { openOtherRegistry, type OtherRegistry } from '../testing/other-registry.ts';
import { makeSampleImage } from '../testing/sample-image.ts';
import { openTestImages, type TestImages } from '../testing/sql-images.ts';
import { ImagePuller } from './image-puller.ts';
import { RegistryTransport } from './registry-transport.ts';

const image = makeSampleImage({ platform: { os: 'linux', architecture: 'amd64' } });

describe('pulling through mirrors', () => {
  let images: TestImages;
  let first: OtherRegistry;
  let second: OtherRegistry;
  let upstream: OtherRegistry;
  let transport: RegistryTransport;
  let folder: string;
  beforeEach(async () => {
    images = await openTestImages();
    [first, second, upstream] = await Promise.all([
      openOtherRegistry(),
      openOtherRegistry(),
      openOtherRegistry(),
    ]);
    transport = new RegistryTransport();
    folder = await mkdtemp(join(tmpdir(), 'berth-mirrors-'));
    await configure('pull", "resolve');
  });
  afterEach(async () => {
    await transport[Symbol.asyncDispose]();
    for (const registry of [first, second, upstream]) await registry[Symbol.asyncDispose]();
    await images[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  async function configure(capabilities: string): Promise<void> {
    const hosts = [first, second].map(
      ({ host }) => `[host."http://${host}"]\n  capabilities = ["${capabilities}"]\n`,
    );
    await mkdir(join(folder, upstream.host), { recursive: true });
    await writeFile(join(folder, upstream.host, 'hosts.toml'), hosts.join(''));
  }

  const pull = () =>
    new ImagePuller({
      blobs: images.blobs,
      kept: images.kept,
      uploads: images.uploadStore,
      credentials: {
        find: async (host) => ({ username: `user of ${host}`, password: `secret of ${host}` }),
      },
      dockerConfigFile: undefined,
      registryFolders: [folder],
      transport,
      platformsOf: async () => [{ os: 'linux', architecture: 'amd64' }],
      clock: images.clock,
      random: systemRandom,
      events: { imagePulled: () => {} },
      maxImageBytes: 1_000_000_000,
    }).pull(parseReference(`${upstream.host}/app:v1`));

  it('asks the first, tells it whose image it is, and leaves the others alone', async () => {
    verifies('images:mirrors');
    first.anyQuery = true;
    first.addImage('v1', image);

    await pull();

    assert.deepEqual([second.requests, upstream.requests], [[], []]);
    const namespace = `?ns=${encodeURIComponent(upstream.host)}`;
    assert.ok(first.requests.every(({ path }) => path.endsWith(namespace)));
  });

  it('goes on with the next when one is away, lacks the image or refuses, and to the registry last', async () => {
    verifies('images:mirrors');
    await first[Symbol.asyncDispose]();
    second.twist = ({ url }, response) => {
      response.writeHead(url?.includes('/blobs/') ? 403 : 404).end();
      return true;
    };
    upstream.addImage('v1', image);

    const { content } = await pull();

    assert.equal(content.manifest, image.manifest.digest);
    assert.ok(second.requests.length >= 4);
  });

  it('says what the registry itself said, when nobody has it', async () => {
    verifies('images:mirrors');
    await assert.rejects(pull(), new RegExp(`The registry ${upstream.host} has no app:v1`));
  });

  it('asks a mirror that may not resolve tags by digest only', async () => {
    verifies('images:mirrors');
    await configure('pull');
    first.anyQuery = true;
    for (const registry of [first, upstream]) registry.addImage('v1', image);

    await pull();

    assert.ok(first.requests.every(({ path }) => path.includes('/blobs/sha256:')));
    assert.deepEqual(
      upstream.requests.map(({ path }) => path),
      ['/v2/app/manifests/v1'],
    );
  });

  it('believes no mirror that sends other content or breaks off: the next host is asked, and all is verified', async () => {
    verifies('images:mirrors', 'images:pull-verified');
    const [layer] = image.layers;
    assert.ok(layer);
    for (const registry of [first, second, upstream]) {
      registry.anyQuery = true;
      registry.addImage('v1', image);
    }
    first.twist = ({ url }, response) => {
      if (!url?.includes(layer.digest)) return false;
      response.end(Buffer.alloc(layer.bytes.byteLength, 'x'));
      return true;
    };
    second.twist = ({ url }, response) => {
      if (!url?.includes(layer.digest)) return false;
      response.writeHead(200, { 'content-length': layer.bytes.byteLength });
      response.write(layer.bytes.subarray(0, 5), () => response.destroy());
      return true;
    };

    await pull();

    assert.ok(await images.blobs.find(layer.digest));
    assert.equal(upstream.requests.filter(({ path }) => path.includes(layer.digest)).length, 1);
  });

  it('gives each host its own log-in, and nobody that of another', async () => {
    verifies('images:mirrors', 'images:pull-safe');
    const challenge = (registry: OtherRegistry): OtherRegistry['twist'] => {
      const own = `Basic ${Buffer.from(`user of ${registry.host}:secret of ${registry.host}`).toString('base64')}`;
      return ({ headers }, response) => {
        if (headers.authorization === own) return false;
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
        return true;
      };
    };
    for (const registry of [first, second, upstream]) registry.twist = challenge(registry);
    upstream.addImage('v1', image);

    await pull();

    for (const registry of [first, second, upstream]) {
      const sent = registry.requests.flatMap(({ headers }) => headers.authorization ?? []);
      assert.ok(sent.length > 0);
      for (const authorization of sent) {
        const text = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString();
        assert.equal(text, `user of ${registry.host}:secret of ${registry.host}`);
      }
    }
  });
});
