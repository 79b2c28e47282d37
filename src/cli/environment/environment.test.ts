import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseEnv } from 'node:util';
import { verifies } from '../../../test/requirements.ts';
import { endpointUrlVariables } from '../../shared/endpoint-url-variables.ts';
import { fakeContext } from '../testing/fake-context.ts';
import { clientEnvironment } from './client-environment.ts';
import { formatExports } from './format-exports.ts';

const server = {
  url: 'http://127.0.0.1:4700',
  region: 'eu-west-1',
  accountId: '000000000000',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: `a/b+c'd $(touch x) "e\\f`,
};
const login = {
  BERTH_ENDPOINT: server.url,
  BERTH_REGION: server.region,
  AWS_ACCESS_KEY_ID: server.accessKeyId,
  AWS_SECRET_ACCESS_KEY: 'secret',
};

describe('berth env', () => {
  it('prints what a real bash takes: every client family, no session token or profile, no proxy', () => {
    verifies('cli:env');
    const before = {
      PATH: process.env['PATH'],
      AWS_PROFILE: 'work',
      AWS_SESSION_TOKEN: 'x',
      AWS_USE_FIPS_ENDPOINT: 'true',
      NO_PROXY: 'intra.example',
    };
    const exports = formatExports(clientEnvironment(server, before), 'bash');

    const output = execFileSync('bash', ['--norc', '-c', `eval "$1"; env -0`, 'bash', exports], {
      env: before,
    });

    const env = Object.fromEntries(
      output
        .toString()
        .split('\0')
        .map((line) => line.split(/=(.*)/s).slice(0, 2)),
    );
    assert.equal(env['AWS_SECRET_ACCESS_KEY'], server.secretAccessKey);
    for (const name of endpointUrlVariables) assert.equal(env[name], server.url, name);
    assert.equal(env['AWS_REGION'], 'eu-west-1');
    assert.equal(env['AWS_DEFAULT_REGION'], 'eu-west-1');
    assert.equal(env['NO_PROXY'], 'intra.example,127.0.0.1');
    for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_USE_FIPS_ENDPOINT'])
      assert.ok(!(name in env), name);
  });

  it('quotes for fish, and writes .env files that Node reads back', () => {
    const fish = formatExports(clientEnvironment(server, {}), 'fish');
    const dotenv = formatExports(clientEnvironment({ ...server, secretAccessKey: 'a/b+c=' }, {}), 'dotenv');

    assert.match(fish, /^set -e AWS_SESSION_TOKEN$/m);
    assert.ok(fish.includes(String.raw`set -gx AWS_SECRET_ACCESS_KEY 'a/b+c\'d $(touch x) "e\\f'`));
    const values = parseEnv(dotenv);
    assert.equal(values['AWS_SECRET_ACCESS_KEY'], 'a/b+c=');
    assert.equal(values['AWS_SESSION_TOKEN'], '');
  });

  it('chooses the form by $SHELL', async () => {
    await using user = await fakeContext({ env: { ...login, SHELL: '/usr/bin/fish' } });

    assert.equal(await user.run('env'), 0);

    assert.match(user.stdout(), /^set -gx BERTH_ENDPOINT 'http:\/\/127\.0\.0\.1:4700'$/m);
  });

  it('runs a command with the variables and returns its exit code', async () => {
    verifies('cli:env-command');
    await using user = await fakeContext({
      env: { ...login, PATH: process.env['PATH'], AWS_PROFILE: 'work' },
    });
    const check = `test "$AWS_ENDPOINT_URL_BEDROCK_AGENTCORE" = ${server.url} && test -z "$AWS_PROFILE" && exit 7`;

    assert.equal(await user.run('env', '--', 'sh', '-c', check), 7);
    assert.equal(await user.run('env', '--', '/nonexistent/program'), 127);
  });

  it('writes an AWS profile beside others, leaves comments alone, and updates only its own', async () => {
    verifies('cli:env-profile');
    await using user = await fakeContext({ env: login });
    const config = join(user.folder, '.aws', 'config');
    const credentials = join(user.folder, '.aws', 'credentials');
    const before = '# mine\n[profile work]\nregion = us-west-2 ; far away\n\n[default]\noutput = json\n';
    await mkdir(join(user.folder, '.aws'));
    await writeFile(config, before);

    assert.equal(await user.run('env', '--profile', 'berth'), 0);
    assert.equal(await user.run('env', '--profile', 'berth'), 0);

    const text = await readFile(config, 'utf8');
    assert.ok(text.startsWith(before));
    assert.equal(
      text.slice(before.length).trim(),
      [
        '[profile berth]',
        'region = eu-west-1',
        'services = berth-berth',
        '',
        '[services berth-berth]',
        'bedrock_agentcore =',
        '  endpoint_url = http://127.0.0.1:4700',
        'bedrock_agentcore_control =',
        '  endpoint_url = http://127.0.0.1:4700',
      ].join('\n'),
    );
    assert.match(
      await readFile(credentials, 'utf8'),
      /^\[berth\]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n/,
    );
    assert.equal((await stat(credentials)).mode & 0o777, 0o600);
    assert.equal(await user.run('env', '--profile', 'work'), 1);
    assert.match(user.stderr(), /'work' is there already and is not Berth's/);
  });
});
