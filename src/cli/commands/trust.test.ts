import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { fakeContext } from '../testing/fake-context.ts';
import { withHostsEntries } from '../trust/hosts-block.ts';

const dataPlane = 'bedrock-agentcore.eu-west-1.amazonaws.com';
const controlPlane = 'bedrock-agentcore-control.eu-west-1.amazonaws.com';

/** A user of this machine, whose server listens with TLS unless told otherwise. */
async function userWith({
  host = '127.0.0.1',
  port = 443,
  isTls = true,
  hosts = '127.0.0.1 localhost\n',
} = {}) {
  const user = await fakeContext({ uid: 0 });
  const home = join(user.folder, 'state');
  const [caFile, bundleFile] = [join(user.folder, 'ca.pem'), join(user.folder, 'bundle.pem')];
  await mkdir(home);
  await writeFile(
    join(home, 'credentials'),
    JSON.stringify({
      url: 'http://127.0.0.1:4700',
      region: 'eu-west-1',
      accountId: '000000000000',
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'secret',
      ...(isTls && { tls: { host, port, caFile, bundleFile } }),
    }),
  );
  await writeFile(caFile, 'THE CA\n');
  const { hostsFile } = user.context;
  await writeFile(hostsFile, hosts);
  return { ...user, caFile, bundleFile, hostsFile, hosts: () => readFile(hostsFile, 'utf8') };
}

function entriesFor(address: string, ...names: readonly string[]): string {
  const lines = names.map((name) => `${address}\t${name}\n`);
  return `# BEGIN berth: host names of AWS that lead to Berth (berth trust)\n${lines.join('')}# END berth\n`;
}

describe('berth trust', () => {
  it('says which names lead where, which variables clients need, and what to do elsewhere; it changes nothing', async () => {
    verifies('tls:trust');
    await using user = await userWith();

    assert.equal(await user.run('trust', '--gateway', 'my-gw'), 0);

    for (const name of [dataPlane, controlPlane, `my-gw.gateway.${dataPlane}`])
      assert.ok(user.stdout().includes(`  127.0.0.1\t${name}\n`), name);
    for (const name of [
      'NODE_EXTRA_CA_CERTS',
      'AWS_CA_BUNDLE',
      'REQUESTS_CA_BUNDLE',
      'SSL_CERT_FILE',
      'CURL_CA_BUNDLE',
    ])
      assert.ok(user.stdout().includes(`export ${name}=${user.bundleFile}\n`), name);
    assert.match(user.stdout(), /sudo .*berth trust --apply --gateway my-gw\n/);
    assert.match(user.stdout(), /On another machine: .*berth trust --ca/);
    assert.equal(await user.hosts(), '127.0.0.1 localhost\n');
  });

  it('prints the CA certificate, and JSON for programs', async () => {
    verifies('tls:trust');
    await using user = await userWith();
    assert.equal(await user.run('trust', '--ca'), 0);
    assert.equal(user.stdout(), 'THE CA\n');

    await using other = await userWith({ host: '0.0.0.0' });
    assert.equal(await other.run('trust', '--json'), 0);
    const { entries, variables } = JSON.parse(other.stdout()) as { entries: object[]; variables: object };
    assert.deepEqual(entries[0], { address: '127.0.0.1', name: dataPlane });
    assert.equal(Object.keys(variables).length, 5);
  });

  it('says what to do when the server has no TLS; the address of one elsewhere can be given', async () => {
    verifies('tls:trust');
    await using user = await userWith({ isTls: false });

    assert.equal(await user.run('trust', '--apply'), 1);
    assert.match(user.stderr(), /knows no TLS.*\n.*berth up -d --tls/);
    assert.equal(await user.run('trust', '--apply', '--address', '10.0.0.5'), 0);
    assert.equal(
      await user.hosts(),
      `127.0.0.1 localhost\n${entriesFor('10.0.0.5', dataPlane, controlPlane)}`,
    );
  });

  it('refuses addresses and gateways that are none, before it writes anything', async () => {
    verifies('tls:trust');
    await using user = await userWith();
    for (const wrong of [
      ['--address', 'example.com'],
      ['--gateway', 'a\n127.0.0.1 evil'],
      ['--gateway', ''],
      ['--apply', '--undo'],
    ])
      assert.equal(
        await user.run('trust', ...(wrong[0] === '--apply' ? [] : ['--apply']), ...wrong),
        2,
        wrong[1],
      );
    assert.equal(await user.hosts(), '127.0.0.1 localhost\n');
  });
});

describe('berth trust --apply and --undo', () => {
  it('write the entries, the same however often, keep gateways of before, and give the file back as it was', async () => {
    verifies('tls:trust-apply');
    for (const before of [
      '',
      '127.0.0.1 localhost\n',
      '127.0.0.1 localhost',
      '\n\n# a comment\r\n::1\tlocalhost  # with blanks \n\n\n',
      'binary \u0000 and ü\n',
    ]) {
      await using user = await userWith({ hosts: before });

      assert.equal(await user.run('trust', '--apply', '--gateway', 'one'), 0);
      const once = await user.hosts();
      assert.ok(once.startsWith(before));
      assert.equal(await user.run('trust', '--apply'), 0);
      assert.equal(await user.hosts(), once);
      assert.equal(await user.run('trust', '--apply', '--gateway', 'two', '--address', '10.1.1.1'), 0);
      const names = [dataPlane, controlPlane, `one.gateway.${dataPlane}`, `two.gateway.${dataPlane}`];
      for (const name of names)
        assert.match(await user.hosts(), new RegExp(`^10\\.1\\.1\\.1\t${name}$`, 'm'));
      assert.doesNotMatch(await user.hosts(), /^127\.0\.0\.1\tbedrock/m);

      assert.equal(await user.run('trust', '--undo'), 0);
      assert.equal(await user.hosts(), before);
      assert.equal(await user.run('trust', '--undo'), 0);
      assert.equal(await user.hosts(), before);
    }
  });

  it('leave what others wrote before and after, with owner, mode and links', async () => {
    verifies('tls:trust-apply');
    await using user = await userWith({ hosts: '# one\n' });
    const link = join(user.folder, 'link');
    await symlink(user.hostsFile, link);
    await chmod(user.hostsFile, 0o664);
    assert.equal(await user.run('trust', '--apply', '--hosts-file', link), 0);
    await writeFile(user.hostsFile, `${await user.hosts()}# two`);

    assert.equal(await user.run('trust', '--apply', '--hosts-file', link, '--address', '::1'), 0);
    assert.equal(await user.hosts(), `# one\n${entriesFor('::1', dataPlane, controlPlane)}# two`);
    assert.equal(await user.run('trust', '--undo', '--hosts-file', link), 0);

    assert.equal(await user.hosts(), '# one\n# two');
    assert.equal((await stat(user.hostsFile)).mode & 0o777, 0o664);
    assert.ok(
      (await readdir(user.folder)).every((name) => !name.startsWith('hosts.')),
      'no draft is left',
    );
  });

  it('touch no file in which a marker is missing, and warn of entries of others for the same names', async () => {
    verifies('tls:trust-apply');
    await using broken = await userWith({ hosts: 'a\n# END berth\nb\n' });
    assert.equal(await broken.run('trust', '--apply'), 1);
    assert.match(broken.stderr(), /without its partner.*\n.*by hand/);
    assert.equal(await broken.hosts(), 'a\n# END berth\nb\n');

    await using user = await userWith({ hosts: `9.9.9.9 x ${dataPlane} # mine\n` });
    assert.equal(await user.run('trust', '--apply'), 0);
    assert.match(
      user.stderr(),
      /warning: .* also leads bedrock-agentcore\.eu-west-1\.amazonaws\.com to 9\.9\.9\.9/,
    );
  });

  it('is the inverse for any text around it', () => {
    verifies('tls:trust-apply');
    const entries = [{ address: '127.0.0.1', name: 'a.example' }];
    for (const text of ['x', 'x\n', '\n', '# BEGIN berth', 'x\n# END berthe\n'])
      assert.equal(withHostsEntries(withHostsEntries(text, entries), []), text, JSON.stringify(text));
  });
});

describe('berth env for a server with TLS', () => {
  it('names the CA bundle, and for clients that take no other host the AWS name once it leads here', async () => {
    verifies('tls:env');
    await using user = await userWith();
    const printed = async () => {
      const before = user.stdout().length;
      assert.equal(await user.run('env', '--json'), 0);
      return (JSON.parse(user.stdout().slice(before)) as { set: Record<string, string> }).set;
    };

    const plain = await printed();
    assert.equal(plain['AWS_CA_BUNDLE'], user.bundleFile);
    assert.equal(plain['NODE_EXTRA_CA_CERTS'], user.bundleFile);
    assert.equal(plain['BEDROCK_AGENTCORE_DP_ENDPOINT'], 'http://127.0.0.1:4700');

    const beforeApply = user.stdout().length;
    await user.run('trust', '--apply');
    assert.ok(user.stdout().length > beforeApply);
    const led = await printed();
    assert.equal(led['BEDROCK_AGENTCORE_DP_ENDPOINT'], `https://${dataPlane}`);
    assert.equal(led['AWS_ENDPOINT_URL_BEDROCK_AGENTCORE'], 'http://127.0.0.1:4700');
    assert.equal(led['NO_PROXY'], `127.0.0.1,${dataPlane},${controlPlane}`);
  });

  it('says nothing of a CA when there is no TLS', async () => {
    verifies('tls:env');
    await using user = await userWith({ isTls: false });
    assert.equal(await user.run('env'), 0);
    assert.doesNotMatch(user.stdout(), /CA_BUNDLE|CA_CERTS|SSL_CERT/);
  });
});
