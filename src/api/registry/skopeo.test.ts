import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { verifies } from '../../../test/requirements.ts';
import { makeSampleImage, makeSampleIndex, writeLayout } from '../../images/testing/sample-image.ts';
import { type ListeningRegistry, listenWithRegistry } from './testing/listening-registry.ts';

const run = promisify(execFile);

describe('skopeo, unmodified', () => {
  let registry: ListeningRegistry;
  let folder: string;
  before(async () => {
    registry = await listenWithRegistry();
    folder = await mkdtemp(join(tmpdir(), 'berth-skopeo-'));
  });
  after(async () => {
    await registry[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  const skopeo = (...words: string[]) => run('skopeo', ['--insecure-policy', ...words], { timeout: 60_000 });
  const inFolder = (name: string) => `oci:${join(folder, name)}`;
  const remote = (name: string) => `docker://${registry.host}/${name}`;

  it('pushes an OCI image and pulls the same back', async () => {
    verifies('images:push-pull', 'images:login');
    const image = makeSampleImage();
    await writeLayout(join(folder, 'source'), image.manifest, image.blobs);

    await skopeo(
      'copy',
      '--dest-creds',
      registry.admin,
      '--dest-tls-verify=false',
      inFolder('source'),
      remote('team/hello:v1'),
    );
    await skopeo(
      'copy',
      '--src-creds',
      registry.admin,
      '--src-tls-verify=false',
      remote('team/hello:v1'),
      inFolder('back'),
    );

    for (const blob of [image.manifest, ...image.blobs]) {
      const back = await readFile(join(folder, 'back/blobs/sha256', blob.digest.slice(7)));
      assert.ok(back.equals(blob.bytes));
    }
    assert.deepEqual(registry.unexpected, []);
  });

  it('pushes an image in the Docker v2 format and pulls it', async () => {
    verifies('images:push-pull');
    const image = makeSampleImage({ files: ['docker'] });
    await writeLayout(join(folder, 'docker-source'), image.manifest, image.blobs);

    await skopeo(
      'copy',
      '--format',
      'v2s2',
      '--dest-creds',
      registry.admin,
      '--dest-tls-verify=false',
      inFolder('docker-source'),
      remote('docker:v1'),
    );
    const { stdout } = await skopeo(
      'inspect',
      '--raw',
      '--creds',
      registry.admin,
      '--tls-verify=false',
      remote('docker:v1'),
    );
    await skopeo(
      'copy',
      '--src-creds',
      registry.admin,
      '--src-tls-verify=false',
      remote('docker:v1'),
      `dir:${join(folder, 'docker-back')}`,
    );

    assert.match(stdout, /application\/vnd\.docker\.distribution\.manifest\.v2\+json/);
    assert.equal(await readFile(join(folder, 'docker-back/manifest.json'), 'utf8'), stdout);
  });

  it('pushes an index with every platform, inspects, lists and deletes', async () => {
    verifies('images:push-pull', 'images:tags', 'images:delete');
    const platforms = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture }));
    const entries = platforms.map((platform) => ({ platform, image: makeSampleImage({ platform }) }));
    const index = makeSampleIndex(entries);
    await writeLayout(
      join(folder, 'many'),
      index,
      entries.flatMap(({ image }) => [image.manifest, ...image.blobs]),
    );
    const login = ['--creds', registry.admin, '--tls-verify=false'];

    await skopeo(
      'copy',
      '--all',
      '--dest-creds',
      registry.admin,
      '--dest-tls-verify=false',
      inFolder('many'),
      remote('many:v1'),
    );
    const raw = await skopeo('inspect', '--raw', ...login, remote('many:v1'));
    const arm = await skopeo('--override-arch', 'arm64', 'inspect', ...login, remote('many:v1'));
    const tags = await skopeo('list-tags', ...login, remote('many'));
    await skopeo('delete', ...login, remote('many:v1'));

    assert.equal(raw.stdout, Buffer.from(index.bytes).toString());
    assert.match(arm.stdout, /"Architecture": "arm64"/);
    assert.match(tags.stdout, /"v1"/);
    await assert.rejects(skopeo('inspect', '--raw', ...login, remote('many:v1')), /manifest unknown/);
  });

  it('logs in with a token as password, and not with a wrong one', async () => {
    verifies('images:login');
    const authfile = ['--authfile', join(folder, 'auth.json'), '--tls-verify=false'];
    const [username = '', password = ''] = registry.admin.split(/:(.*)/s);

    const good = await skopeo(
      'login',
      ...authfile,
      '--username',
      username,
      '--password',
      password,
      registry.host,
    );
    const bad = skopeo('login', ...authfile, '--username', username, '--password', 'guess', registry.host);

    assert.match(good.stdout, /Login Succeeded/);
    await assert.rejects(bad, /invalid username\/password|registry token is not valid/);
  });

  it('is refused without a log-in and with a key that may not push', async () => {
    verifies('images:roles');
    const blobsBefore = registry.images.blobs.digests.length;
    const image = makeSampleImage({ files: ['never stored'] });
    await writeLayout(join(folder, 'refused'), image.manifest, image.blobs);

    const pushAs = (...credentials: readonly string[]) =>
      skopeo('copy', ...credentials, '--dest-tls-verify=false', inFolder('refused'), remote('refused:v1'));

    await assert.rejects(pushAs('--dest-no-creds'), /unauthorized|authentication required|Log in first/i);
    await assert.rejects(pushAs('--dest-creds', registry.invoke), /may not|denied|unauthorized/i);
    assert.equal(registry.images.blobs.digests.length, blobsBefore);
  });
});
