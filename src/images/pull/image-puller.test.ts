import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { BerthError, type ErrorCode } from '../../shared/errors.ts';
import { systemRandom } from '../../shared/ids.ts';
import type { ResolveProgress } from '../image.ts';
import { readImage } from '../image-config.ts';
import { parseReference } from '../reference.ts';
import { openOtherRegistry, type OtherRegistry } from '../testing/other-registry.ts';
import { makeSampleImage, makeSampleIndex, type SampleImage } from '../testing/sample-image.ts';
import { openTestImages, type TestImages } from '../testing/sql-images.ts';
import { ImagePuller } from './image-puller.ts';
import type { RegistryCredential } from './registry-credentials.ts';
import { RegistryTransport } from './registry-transport.ts';

const amd64 = { os: 'linux', architecture: 'amd64' };

describe('pulling from another registry', () => {
  let images: TestImages;
  let other: OtherRegistry;
  let transport: RegistryTransport;
  let credential: RegistryCredential | undefined;
  const pulled: { reference: string; digest: string; sizeBytes: number }[] = [];
  beforeEach(async () => {
    images = await openTestImages();
    other = await openOtherRegistry();
    transport = new RegistryTransport();
    credential = undefined;
  });
  afterEach(async () => {
    await transport[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
    await images[Symbol.asyncDispose]();
  });
  const newPuller = (maxImageBytes = 1_000_000_000) =>
    new ImagePuller({
      blobs: images.blobs,
      kept: images.kept,
      uploads: images.uploadStore,
      credentials: { find: async () => credential },
      dockerConfigFile: undefined,
      registryFolders: [],
      transport,
      platformsOf: async () => [amd64],
      clock: images.clock,
      random: systemRandom,
      events: { imagePulled: (image) => pulled.push(image) },
      maxImageBytes,
    });
  const pull = (reference = 'v1', onProgress?: (progress: ResolveProgress) => void, signal?: AbortSignal) => {
    const separator = reference.startsWith('sha256:') ? '@' : ':';
    return newPuller().pull(parseReference(`${other.host}/app${separator}${reference}`), {
      onProgress,
      signal,
    });
  };
  const asked = (image: SampleImage) =>
    other.requests.filter(({ path }) => image.layers.some(({ digest }) => path.endsWith(digest))).length;

  it('brings the needed platform only, kept and referenced', async () => {
    verifies('images:pull', 'images:platform');
    const image = makeSampleImage({ platform: amd64 });
    const foreign = makeSampleImage({ platform: { os: 'linux', architecture: 'arm64' }, files: ['arm'] });
    other.addImage('amd', image);
    other.addImage('arm', foreign);
    const index = makeSampleIndex([
      { image: foreign, platform: { os: 'linux', architecture: 'arm64' } },
      { image, platform: amd64 },
    ]);
    other.add('v1', index);

    const { content } = await pull();
    images.blobs.collect();

    assert.equal(content.manifest, image.manifest.digest);
    assert.deepEqual((await readImage(images.blobs, content.manifest)).layers, content.layers);
    for (const { digest } of image.blobs) assert.ok(await images.blobs.find(digest));
    assert.equal(await images.blobs.find(foreign.config.digest), undefined);
    assert.deepEqual(images.blobs.openUploads, []);
    assert.partialDeepStrictEqual(pulled, [
      { reference: `${other.host}/app:v1`, digest: image.manifest.digest, sizeBytes: content.sizeBytes },
    ]);
  });

  it('tells its progress up to the whole size', async () => {
    verifies('images:pull');
    other.addImage('v1', makeSampleImage({ files: [randomBytes(3_000_000).toString('hex'), 'two'] }));
    const seen: ResolveProgress[] = [];

    await pull('v1', (progress) => seen.push(progress));

    const last = seen.at(-1);
    assert.equal(seen[0]?.phase, 'resolving');
    assert.ok(seen.length > 5);
    assert.ok(seen.every(({ doneBytes }, at) => doneBytes >= (seen[at - 1]?.doneBytes ?? 0)));
    assert.ok(last && last.totalBytes > 0 && last.doneBytes === last.totalBytes);
  });

  it('downloads what two images share once, also at the same time', async () => {
    verifies('images:pull');
    const image = makeSampleImage();
    other.addImage('v1', image);
    const puller = newPuller();
    const reference = parseReference(`${other.host}/app:v1`);

    await Promise.all([puller.pull(reference), puller.pull(reference), puller.pull(reference)]);
    await puller.pull(reference);

    assert.equal(asked(image), 2);
  });

  it('continues a download that broke off where it stopped', async () => {
    verifies('images:pull-retry');
    const image = makeSampleImage({ files: [randomBytes(2_000_000).toString('hex')] });
    other.addImage('v1', image);
    const layer = image.layers[0];
    assert.ok(layer);
    let broken = 0;
    other.twist = (request, response) => {
      if (!request.url?.endsWith(layer.digest) || request.headers.range !== undefined || broken++ > 0)
        return false;
      response.writeHead(200, { 'content-length': layer.bytes.byteLength });
      response.write(layer.bytes.subarray(0, 1_500_000), () => response.destroy());
      return true;
    };

    await pull();

    const ranges = other.requests.flatMap(({ headers }) => headers.range ?? []);
    assert.equal(ranges.length, 1);
    assert.ok(Number(/^bytes=(\d+)-$/.exec(ranges[0] ?? '')?.[1]) >= 1_000_000);
  });

  it('gets over a registry that ignores ranges, and over busy ones', async () => {
    verifies('images:pull-retry');
    const image = makeSampleImage({ files: [randomBytes(2_000_000).toString('hex')] });
    other.addImage('v1', image);
    const layer = image.layers[0];
    assert.ok(layer);
    let calls = 0;
    other.twist = (request, response) => {
      if (!request.url?.endsWith(layer.digest)) return false;
      calls += 1;
      if (calls === 1) {
        response.writeHead(200);
        response.write(layer.bytes.subarray(0, 1_500_000), () => response.destroy());
      } else if (calls === 2) response.writeHead(503).end();
      else if (calls === 3) response.writeHead(429).end();
      else response.writeHead(200).end(layer.bytes);
      return true;
    };

    await pull();

    assert.equal(calls, 4);
    assert.ok(await images.blobs.find(layer.digest));
  });

  it('gives up after five attempts with what went wrong', async () => {
    verifies('images:pull-retry');
    other.twist = (_request, response) => {
      response.writeHead(500).end();
      return true;
    };

    await assert.rejects(pull(), refusal('unavailable', /answered 500/));
    assert.equal(other.requests.length, 5);
  });

  it('refuses wrong and overlong layers, manifests of another digest, and too large images', async () => {
    verifies('images:pull-verified', 'images:wrong-digest');
    const image = makeSampleImage();
    other.addImage('v1', image);
    const layer = image.layers[0];
    assert.ok(layer);
    const sending = (bytes: Uint8Array) => {
      other.twist = (request, response) => {
        if (!request.url?.endsWith(layer.digest)) return false;
        response.writeHead(200).end(bytes);
        return true;
      };
    };

    sending(Buffer.alloc(layer.bytes.byteLength, 'x'));
    await assert.rejects(pull(), refusal('validation', /wrong content for sha256:/));
    sending(Buffer.alloc(layer.bytes.byteLength + 1, 'x'));
    await assert.rejects(pull(), refusal('validation', /sent more than/));
    assert.deepEqual(images.blobs.openUploads, []);

    other.twist = (_request, response) => {
      response.writeHead(200, { 'content-type': image.manifest.mediaType }).end('{}');
      return true;
    };
    await assert.rejects(
      pull(image.manifest.digest),
      refusal('validation', /digest sha256:[0-9a-f]+, not sha256:/),
    );
    other.twist = () => false;
    await assert.rejects(
      newPuller(100).pull(parseReference(`${other.host}/app:v1`)),
      refusal('validation', /more than the 100 that this server takes/),
    );
  });

  it('refuses an image for other machines before it downloads a layer', async () => {
    verifies('images:platform');
    const image = makeSampleImage({ platform: { os: 'linux', architecture: 'riscv64' } });
    other.addImage('v1', image);

    await assert.rejects(
      pull(),
      refusal('validation', /offers linux\/riscv64, this server runs linux\/amd64/),
    );
    assert.equal(asked(image), 0);
  });

  it('says that an image does not exist', async () => {
    verifies('images:pull');
    await assert.rejects(pull('nothing'), refusal('not-found', /has no app/));
  });

  it('stops when it is aborted', async () => {
    const image = makeSampleImage();
    other.addImage('v1', image);
    const controller = new AbortController();
    other.twist = (request) => {
      if (!request.url?.includes('/blobs/')) return false;
      controller.abort(new Error('no longer wanted'));
      return true;
    };

    await assert.rejects(pull('v1', undefined, controller.signal), /no longer wanted/);
  });

  it('gets a token, with the credentials it has, and never shows them', async () => {
    verifies('images:pull', 'images:credentials');
    const image = makeSampleImage();
    other.addImage('v1', image);
    const basic = `Basic ${Buffer.from('me:hidden').toString('base64')}`;
    other.twist = (request, response) => {
      if (request.url?.startsWith('/token?')) {
        const isKnown = request.headers.authorization === basic;
        response.writeHead(isKnown ? 200 : 401).end('{"token":"abc"}');
        return true;
      }
      if (request.headers.authorization === 'Bearer abc') return false;
      const challenge = `Bearer realm="http://${other.host}/token",service="other",scope="repository:app:pull"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
      return true;
    };

    await assert.rejects(pull(), refusal('access-denied', /without a log-in .*berth registry login 127/));
    credential = { username: 'me', password: 'wrong-secret' };
    await assert.rejects(
      pull(),
      (error) =>
        refusal('access-denied', /with the log-in/)(error) && !String(error).includes('wrong-secret'),
    );
    credential = { username: 'me', password: 'hidden' };
    await pull();

    const token = other.requests.findLast(({ path }) => path.startsWith('/token?'));
    assert.equal(token?.path, '/token?scope=repository%3Aapp%3Apull&service=other');
  });

  it('follows a redirect without its credentials', async () => {
    verifies('images:pull-safe');
    await using storage = await openOtherRegistry();
    const image = makeSampleImage();
    other.addImage('v1', image);
    storage.addImage('v1', image);
    credential = { username: 'me', password: 'hidden' };
    other.twist = (request, response) => {
      if (request.headers.authorization === undefined) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
        return true;
      }
      if (!request.url?.includes('/blobs/')) return false;
      response.writeHead(307, { location: `http://${storage.host}${request.url}` }).end();
      return true;
    };

    await pull();

    assert.equal(storage.requests.length, 3);
    assert.ok(storage.requests.every(({ headers }) => headers.authorization === undefined));
  });

  it('does not follow redirects round and round', async () => {
    verifies('images:pull-safe');
    other.twist = (request, response) => {
      response.writeHead(302, { location: request.url ?? '' }).end();
      return true;
    };

    await assert.rejects(pull(), refusal('unavailable', /redirects where Berth does not follow/));
  });

  it('does not take credentials or itself to places without TLS', async () => {
    verifies('images:pull-safe');
    credential = { username: 'me', password: 'hidden' };
    other.twist = (_request, response) => {
      response.writeHead(401, { 'www-authenticate': 'Bearer realm="http://token.example/get"' }).end();
      return true;
    };
    await assert.rejects(pull(), refusal('access-denied', /not safe/));
    other.twist = (_request, response) => {
      response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end();
      return true;
    };
    await assert.rejects(pull(), refusal('access-denied', /where Berth does not go/));
  });
});

function refusal(code: ErrorCode, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof BerthError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  };
}
