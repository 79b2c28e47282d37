import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { openTestCredentials } from '../testing/sql-images.ts';
import { findDockerLogin } from './docker-config.ts';
import { parseChallenge } from './registry-challenge.ts';
import { parseRegistryHost, registryOrigin } from './registry-host.ts';

describe('log-ins at other registries', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-docker-config-'));
  });
  after(() => rm(folder, { recursive: true }));
  const configured = async (config: unknown, host: string) => {
    const path = join(folder, 'config.json');
    await writeFile(path, typeof config === 'string' ? config : JSON.stringify(config));
    return findDockerLogin(path, host);
  };
  const auth = Buffer.from('me:a:secret').toString('base64');

  it('are kept sealed, listed without their password, replaced and removed', async () => {
    verifies('images:credentials');
    await using credentials = await openTestCredentials();
    const { store } = credentials;
    await store.put('ghcr.io', { username: 'me', password: 'first-secret' }, 1);
    await store.put('ghcr.io', { username: 'me', password: 'second-secret' }, 2);

    assert.deepEqual(await store.find('ghcr.io'), { username: 'me', password: 'second-secret' });
    assert.deepEqual(await store.list(), [{ host: 'ghcr.io', username: 'me', createdAtMs: 2 }]);
    assert.ok(!(await credentials.dump()).includes('second-secret'));
    assert.deepEqual([await store.remove('ghcr.io'), await store.remove('ghcr.io')], [true, false]);
    assert.equal(await store.find('ghcr.io'), undefined);
  });

  it('are found in the configuration of Docker by any spelling of the host', async () => {
    verifies('images:credentials');
    const found = { kind: 'password', credential: { username: 'me', password: 'a:secret' } };

    assert.deepEqual(await configured({ auths: { 'ghcr.io': { auth } } }, 'ghcr.io'), found);
    assert.deepEqual(
      await configured({ auths: { 'https://index.docker.io/v1/': { auth } } }, 'docker.io'),
      found,
    );
    assert.deepEqual(
      await configured({ auths: { 'https://localhost:5000': { auth } } }, 'localhost:5000'),
      found,
    );
    assert.equal(await configured({ auths: { 'ghcr.io': { auth } } }, 'quay.io'), undefined);
    assert.equal(await configured({ auths: { 'ghcr.io': {} }, HttpHeaders: {} }, 'ghcr.io'), undefined);
    assert.equal(await findDockerLogin(join(folder, 'nothing.json'), 'ghcr.io'), undefined);
  });

  it('name the helper that Berth does not run, and tokens that stand for a log-in', async () => {
    verifies('images:credentials');
    const helper = { kind: 'helper', program: 'docker-credential-pass' };

    assert.deepEqual(await configured({ credHelpers: { 'ghcr.io': 'pass' } }, 'ghcr.io'), helper);
    assert.deepEqual(await configured({ credsStore: 'pass', auths: { 'ghcr.io': {} } }, 'ghcr.io'), helper);
    assert.deepEqual(await configured({ auths: { 'ghcr.io': { identitytoken: 'tok' } } }, 'ghcr.io'), {
      kind: 'identity-token',
      token: 'tok',
    });
  });

  it('refuse a broken configuration without showing what is in it', async () => {
    verifies('images:credentials');
    await assert.rejects(configured('{"auths": hidden-secret', 'ghcr.io'), (error) => {
      assert.match(String(error), /it is not JSON\. Mend it/);
      return !String(error).includes('hidden-secret');
    });
    await assert.rejects(configured({ auths: { 'ghcr.io': { auth: 7 } } }, 'ghcr.io'), /cannot be used/);
  });

  it('are kept by host, whatever the user writes', () => {
    verifies('images:credentials');
    assert.equal(parseRegistryHost('https://GHCR.io/v2/'), 'ghcr.io');
    assert.equal(parseRegistryHost('index.docker.io'), 'docker.io');
    assert.equal(parseRegistryHost('localhost:5000'), 'localhost:5000');
    for (const bad of ['', 'a b', 'user@host.io', 'host.io:port'])
      assert.throws(() => parseRegistryHost(bad), /not a registry host/);
  });

  it('go over TLS, except on loopback', () => {
    verifies('images:pull-safe');
    assert.equal(registryOrigin('docker.io').href, 'https://registry-1.docker.io/');
    assert.equal(registryOrigin('ghcr.io').href, 'https://ghcr.io/');
    assert.equal(registryOrigin('10.0.0.1:5000').href, 'https://10.0.0.1:5000/');
    assert.equal(registryOrigin('127.0.0.1:5000').href, 'http://127.0.0.1:5000/');
    assert.equal(registryOrigin('localhost:5000').href, 'http://localhost:5000/');
    assert.equal(registryOrigin('127.evil.example').href, 'https://127.evil.example/');
  });

  it('follow the challenge that a registry sends', () => {
    verifies('images:pull');
    const bearer = {
      kind: 'bearer',
      realm: 'https://a.example/t?x=1,2',
      service: 's',
      scope: 'repository:a/b:pull,push',
    };

    assert.deepEqual(
      parseChallenge('Bearer realm="https://a.example/t?x=1,2",service="s",scope="repository:a/b:pull,push"'),
      bearer,
    );
    assert.deepEqual(parseChallenge(['Basic realm="x"', 'bearer realm=https://a.example/t']), {
      kind: 'bearer',
      realm: 'https://a.example/t',
      service: undefined,
      scope: undefined,
    });
    assert.deepEqual(parseChallenge('Basic realm="Sonatype"'), { kind: 'basic' });
    assert.equal(parseChallenge('Digest realm="x"'), undefined);
    assert.equal(parseChallenge(undefined), undefined);
  });
});
