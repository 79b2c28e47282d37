import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { findPullHosts } from './pull-hosts.ts';

describe('where a registry is read from', () => {
  let parent: string;
  let folder: string;
  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'berth-certs-'));
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(parent, 'certs-'));
  });
  after(() => rm(parent, { recursive: true }));
  const put = async (path: string, content: string) => {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  const find = async (registry: string) =>
    (await findPullHosts([join(folder, 'nothing'), folder], registry)).map(({ base, ...rest }) => ({
      base: base.href,
      ...rest,
    }));

  it('is the registry itself, when nothing is said of it', async () => {
    verifies('images:mirrors');
    await put('ghcr.io/hosts.toml', '[host."https://mirror.example"]');

    assert.partialDeepStrictEqual(await find('docker.io'), [
      { name: 'docker.io', base: 'https://registry-1.docker.io/v2', tls: undefined, namespace: undefined },
    ]);
    assert.equal((await find('ghcr.io')).length, 2);
  });

  it('is its mirrors in the order of hosts.toml, then the registry', async () => {
    verifies('images:mirrors');
    await put(
      'docker.io/hosts.toml',
      `# as containerd has it
[host."https://first.example:8443/cache"]
  capabilities = ["pull"]
  [host."https://first.example:8443/cache".header]
    X-Team = ["a", "b"]
[host."http://127.0.0.1:5000/whole/path/"]
  override_path = true
[host."https://push.example"]
  capabilities = ["push"]
`,
    );

    assert.deepEqual(await find('docker.io'), [
      {
        name: 'first.example:8443',
        base: 'https://first.example:8443/cache/v2',
        canResolve: false,
        headers: { 'x-team': 'a, b' },
        tls: undefined,
        namespace: 'docker.io',
      },
      {
        name: '127.0.0.1:5000',
        base: 'http://127.0.0.1:5000/whole/path',
        canResolve: true,
        headers: {},
        tls: undefined,
        namespace: 'docker.io',
      },
      {
        name: 'docker.io',
        base: 'https://registry-1.docker.io/v2',
        canResolve: true,
        headers: {},
        tls: undefined,
        namespace: undefined,
      },
    ]);
  });

  it('is never the registry itself, when hosts.toml names another server', async () => {
    verifies('images:mirrors');
    await put('_default/hosts.toml', 'server = "https://only.example"\nca = "own.pem"');
    await put('_default/own.pem', 'THE CA');

    assert.deepEqual(
      (await find('quay.io')).map(({ base, tls, namespace }) => ({ base, tls, namespace })),
      [
        {
          base: 'https://only.example/v2',
          tls: { ca: ['THE CA'], client: undefined },
          namespace: 'quay.io',
        },
      ],
    );
  });

  it("takes a CA and a client's certificate as Docker keeps them, also for a registry on this machine", async () => {
    verifies('images:registry-ca');
    await put('127.0.0.1:5000/ca.crt', 'THE CA');
    await put('registry.corp_8443_/client.cert', 'THE CERTIFICATE');
    await put('registry.corp_8443_/client.key', 'THE KEY');

    assert.partialDeepStrictEqual(await find('127.0.0.1:5000'), [
      { base: 'https://127.0.0.1:5000/v2', tls: { ca: ['THE CA'] } },
    ]);
    assert.partialDeepStrictEqual(await find('registry.corp:8443'), [
      {
        base: 'https://registry.corp:8443/v2',
        tls: { ca: [], client: { cert: 'THE CERTIFICATE', key: 'THE KEY' } },
      },
    ]);
  });

  it('is refused with the reason, when the configuration is wrong or gives up proof of who answers', async () => {
    verifies('images:mirrors', 'images:registry-ca');
    const wrong: readonly (readonly [string, RegExp])[] = [
      ['server = ', /hosts\.toml cannot be used/],
      ['[host."https://m.example"]\nskip_verify = true', /skip_verify is not supported: name the CA/],
      ['[host."http://m.example"]', /has no TLS/],
      ['[host."https://me:secret@m.example"]', /without a log-in/],
      ['[host."https://m.example"]\ncapabilities = ["fly"]', /capabilities/],
      ['ca = "gone.pem"', /gone\.pem/],
    ];
    for (const [content, problem] of wrong) {
      await put('ghcr.io/hosts.toml', content);
      await assert.rejects(find('ghcr.io'), problem, content);
    }
  });
});
