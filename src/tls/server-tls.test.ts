import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createSecureContext, rootCertificates } from 'node:tls';
import { verifies } from '../../test/requirements.ts';
import { CaFolder } from './ca-folder.ts';
import type { ServerTls } from './server-tls.ts';
import { makePair, openBox, shake, tlsFixture, writePair } from './testing/tls-fixture.ts';

const dayMs = 24 * 3_600_000;
const names = [
  'bedrock-agentcore.us-east-1.amazonaws.com',
  '*.gateway.bedrock-agentcore.us-east-1.amazonaws.com',
  'localhost',
  '127.0.0.1',
  '::1',
];

function leafOf(tls: ServerTls): X509Certificate {
  return new X509Certificate(tls.fallback.cert);
}

describe('the certificates of a server', () => {
  it('are good for its names, under a CA that clients can be told to trust', async () => {
    verifies('tls:names');
    await using home = await tlsFixture();
    const tls = await home.open(names);
    const ca = await readFile(home.caFolder.caFile, 'utf8');

    for (const name of [
      names[0] ?? '',
      'my-gw.gateway.bedrock-agentcore.us-east-1.amazonaws.com',
      'localhost',
    ])
      assert.equal(await shake(tls.contextFor(name), ca, name), 'trusted', name);
    assert.equal(
      await shake(tls.contextFor('example.com'), ca, 'example.com'),
      'ERR_TLS_CERT_ALTNAME_INVALID',
    );
    const leaf = leafOf(tls);
    assert.ok(leaf.checkIP('127.0.0.1') !== undefined && leaf.checkIP('::1') !== undefined);
    assert.ok(leaf.publicKey.asymmetricKeyDetails?.namedCurve === 'prime256v1');
  });

  it('come from a CA whose stolen key signs for no other site or address', async () => {
    verifies('tls:authority');
    await using home = await tlsFixture();
    const tls = await home.open(names);
    const stored = JSON.parse(await readFile(join(home.folder, 'home/tls/authority.json'), 'utf8')) as {
      certificate: string;
      sealedKey: string;
    };
    const issuer = {
      certificate: new X509Certificate(stored.certificate),
      key: createPrivateKey(openBox.open(stored.sealedKey)),
    };

    for (const [forged, name, outcome] of [
      [['sts.us-east-1.amazonaws.com'], 'sts.us-east-1.amazonaws.com', 'UNSPECIFIED'],
      [['localhost', '10.1.2.3'], 'localhost', 'UNSPECIFIED'],
      // What shows that the two before fail for nothing but their names.
      [['localhost', '127.0.0.9'], 'localhost', 'trusted'],
    ] as const) {
      const { certificate: cert, key } = makePair(forged, issuer);
      assert.equal(
        await shake(createSecureContext({ cert, key }), stored.certificate, name),
        outcome,
        forged[0],
      );
    }
    assert.ok(tls.fallback.cert !== stored.certificate);
  });

  it('keep their CA over restarts, sealed and for the server alone; other names take a new one', async () => {
    verifies('tls:authority');
    await using home = await tlsFixture();
    const dir = join(home.folder, 'home/tls');
    const openOnce = async (...more: readonly string[]) => {
      await home.open([...names, ...more]);
      return readFile(home.caFolder.caFile, 'utf8');
    };

    const first = await openOnce();
    assert.equal(await openOnce(), first);
    const text = await readFile(join(dir, 'authority.json'), 'utf8');
    assert.doesNotMatch(text, /PRIVATE KEY/);
    assert.match(text, /sealed tls_authority_key /);
    assert.equal((await stat(join(dir, 'authority.json'))).mode & 0o777, 0o600);
    assert.equal((await stat(dir)).mode & 0o777, 0o700);
    assert.notEqual(await openOnce('agents.example.com'), first);

    await writeFile(join(dir, 'authority.json'), '{"certificate":');
    await assert.rejects(openOnce(), { code: 'internal', message: /authority\.json is damaged/ });
  });

  it('last no longer than clients accept, and are renewed long before while the server runs', async () => {
    verifies('tls:renewal');
    await using home = await tlsFixture();
    const tls = await home.open(names);
    const ca = await readFile(home.caFolder.caFile, 'utf8');
    const first = leafOf(tls);
    const lifeMs = first.validToDate.getTime() - first.validFromDate.getTime();
    assert.ok(lifeMs <= 398 * dayMs && lifeMs > 390 * dayMs);
    assert.ok(first.validFromDate.getTime() < home.now(), 'clocks of clients may be behind');
    let changes = 0;
    tls.onChange(() => (changes += 1));

    home.passDays(200);
    await tls.refresh();
    assert.equal(leafOf(tls).serialNumber, first.serialNumber);
    home.passDays(100);
    await tls.refresh();

    const second = leafOf(tls);
    assert.notEqual(second.serialNumber, first.serialNumber);
    assert.ok(second.validToDate.getTime() > home.now() + 300 * dayMs);
    assert.ok(second.verify(new X509Certificate(ca).publicKey), 'clients trust it as they did the first');
    assert.equal(changes, 1);
  });

  it('are never good for longer than their CA, which is replaced before its end', async () => {
    verifies('tls:renewal');
    await using home = await tlsFixture();
    const ca = await readCa(home);
    home.passDays(3600);
    assert.equal(await readCa(home), ca);
    const last = leafOf(await home.open(names));
    assert.equal(last.validToDate.getTime(), new X509Certificate(ca).validToDate.getTime());
    home.passDays(30);
    assert.notEqual(await readCa(home), ca);
  });
});

describe("a certificate of the user's own", () => {
  it('is served for its names, beside the others', async () => {
    verifies('tls:own-certificate');
    await using home = await tlsFixture();
    const files = filesIn(home.folder);
    await writePair(files, ['agents.example.com']);
    const tls = await home.open(names, files);

    assert.notEqual(tls.contextFor('agents.example.com'), tls.contextFor('localhost'));
    assert.equal(tls.contextFor('other.example.com'), tls.contextFor('localhost'));
  });

  it('is reloaded when its files are written, and when a link on their path is swapped', async () => {
    verifies('tls:own-certificate');
    await using home = await tlsFixture();
    const link = join(home.folder, 'live');
    await mkdir(join(home.folder, 'one'));
    await mkdir(join(home.folder, 'two'));
    await writePair(filesIn(join(home.folder, 'one')), ['one.example.com']);
    await writePair(filesIn(join(home.folder, 'two')), ['two.example.com']);
    await symlink(join(home.folder, 'one'), link);
    const tls = await home.open(names, filesIn(link));
    const covers = (name: string) => tls.contextFor(name) !== tls.contextFor('localhost');
    assert.deepEqual(
      ['one', 'two'].map((host) => covers(`${host}.example.com`)),
      [true, false],
    );

    await symlink(join(home.folder, 'two'), `${link}.new`);
    await rename(`${link}.new`, link);
    await tls.refresh();
    assert.deepEqual(
      ['one', 'two'].map((host) => covers(`${host}.example.com`)),
      [false, true],
    );

    await writePair(filesIn(link), ['three.example.com']);
    await tls.refresh();
    assert.ok(covers('three.example.com'));
    assert.ok(home.logged.some((line) => line.startsWith('certificate reloaded ')));
  });

  it('goes on as it was when the new files are no pair, which is logged once, without the key', async () => {
    verifies('tls:own-certificate');
    await using home = await tlsFixture();
    const files = filesIn(home.folder);
    await writePair(files, ['agents.example.com']);
    const tls = await home.open(names, files);
    const before = tls.contextFor('agents.example.com');

    await writeFile(files.keyFile, makePair(['agents.example.com']).key);
    const problems = () => home.logged.filter((line) => line.includes('certificates are not up to date'));
    for (let look = 0; look < 5; look += 1) await tls.refresh();

    assert.equal(problems().length, 1, problems().join('\n'));
    assert.match(problems()[0] ?? '', /cannot be used with the key .*key values mismatch/);
    assert.doesNotMatch(problems()[0] ?? '', /PRIVATE KEY/);
    assert.equal(tls.contextFor('agents.example.com'), before);
  });

  it('stops the start when it cannot be used', async () => {
    verifies('tls:own-certificate');
    await using home = await tlsFixture();
    const files = filesIn(home.folder);
    await assert.rejects(home.open(names, files), {
      code: 'validation',
      message: /tls\.crt cannot be used with the key .*ENOENT/,
    });
  });
});

describe('the folder that clients read', () => {
  it("holds the CA, and the system's roots with it, for everybody to read", async () => {
    verifies('tls:bundle');
    await using home = await tlsFixture();
    const umask = process.umask(0o077);
    const ca = await readCa(home).finally(() => process.umask(umask));

    assert.equal(await readFile(home.caFolder.bundleFile, 'utf8'), `THE ROOTS OF THE SYSTEM\n${ca}`);
    for (const path of [home.caFolder.caFile, home.caFolder.bundleFile])
      assert.equal((await stat(path)).mode & 0o777, 0o644);
    assert.equal((await stat(join(home.folder, 'home-ca'))).mode & 0o777, 0o755);
  });

  it("follows the system's roots, and comes back when it was removed", async () => {
    verifies('tls:bundle');
    await using home = await tlsFixture();
    const tls = await home.open(names);
    const bundle = () => readFile(home.caFolder.bundleFile, 'utf8');

    await writeFile(home.systemBundle, 'OTHER ROOTS OF THE SYSTEM');
    await tls.refresh();
    assert.match(await bundle(), /^OTHER ROOTS OF THE SYSTEM\n-----BEGIN/);
    await rename(home.caFolder.bundleFile, `${home.caFolder.bundleFile}.gone`);
    await tls.refresh();
    assert.match(await bundle(), /^OTHER ROOTS/);
  });

  it("takes Node's roots on a system without any, and no folder that others can write to", async () => {
    verifies('tls:bundle');
    await using home = await tlsFixture();
    const dir = join(home.folder, 'other');
    const folder = new CaFolder({ dir, systemBundles: [join(home.folder, 'nothing')] });
    await folder.publish('CA');
    assert.ok((await readFile(folder.bundleFile, 'utf8')).startsWith(rootCertificates[0] ?? 'none'));

    await chmod(dir, 0o777);
    const again = new CaFolder({ dir, systemBundles: [] });
    await assert.rejects(again.publish('CA'), { code: 'validation', message: /can be written to by others/ });
  });
});

type Home = Awaited<ReturnType<typeof tlsFixture>>;

async function readCa(home: Home): Promise<string> {
  await home.open(names);
  return readFile(home.caFolder.caFile, 'utf8');
}

function filesIn(folder: string) {
  return { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') };
}
