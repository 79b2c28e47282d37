import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { createSecretFolder } from './secret-folder.ts';

const secret = 'hunter2-of-the-weather-service';
const content = JSON.stringify({ api_key: secret, empty: '', number: 7 });

test('a secret is a member of a file, named plainly or by the ARN of AWS, read anew each time', async () => {
  verifies('provider:external');
  await using folder = await secretsFolder();
  await folder.put('weather.json', content);
  await folder.put('prod/db-secret.json', content);
  for (const id of [
    'weather',
    'prod/db-secret',
    'arn:aws:secretsmanager:us-east-1:111122223333:secret:weather',
    'arn:aws:secretsmanager:us-east-1:111122223333:secret:weather-AbCdEf',
    'arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-secret',
  ])
    assert.deepEqual(await folder.secrets.read(id, 'api_key'), { kind: 'secret', value: secret }, id);
  await folder.put('weather.json', JSON.stringify({ api_key: 'rotated' }));
  assert.deepEqual(await folder.secrets.read('weather', 'api_key'), { kind: 'secret', value: 'rotated' });
});

test('the links by which Kubernetes swaps secrets are followed', async () => {
  verifies('provider:external');
  await using folder = await secretsFolder();
  await folder.put('..2026_01_01/weather.json', content);
  await symlink('..2026_01_01', join(folder.path, '..data'));
  await symlink('..data/weather.json', join(folder.path, 'weather.json'));
  assert.equal((await folder.secrets.read('weather', 'api_key')).kind, 'secret');
});

test('nothing outside the folder is read, by whatever name or link', async () => {
  verifies('provider:external-confined');
  await using folder = await secretsFolder();
  await folder.putOutside('outside.json', content);
  await folder.putOutside('secrets-of-others/weather.json', content);
  await symlink('../outside.json', join(folder.path, 'file.json'));
  await symlink('../secrets-of-others', join(folder.path, 'linked'));
  const refused = {
    '../outside': /names no secret/,
    'linked/../../outside': /names no secret/,
    '/outside': /names no secret/,
    'a//b': /names no secret/,
    '.': /names no secret/,
    'nul\0': /names no secret/,
    'arn:aws:secretsmanager:us-east-1:111122223333:secret:../outside': /names no secret/,
    'arn:aws:s3:::bucket': /names no secret/,
    file: /a link out of the folder/,
    'linked/weather': /a link out of the folder/,
  };
  for (const [id, message] of Object.entries(refused)) {
    const found = await folder.secrets.read(id, 'api_key');
    assert.match(found.kind === 'problem' ? found.message : 'it was read', message, id);
  }
});

test('files that others may read or change, and what is no JSON object, are refused without a word of the content', async () => {
  verifies('provider:external-confined');
  await using folder = await secretsFolder();
  for (const mode of [0o604, 0o620, 0o602]) {
    await folder.put('weather.json', content, mode);
    await assertProblem(folder, /can be read by others, or changed by its group/);
  }
  for (const mode of [0o400, 0o440, 0o600, 0o640]) {
    await folder.put('weather.json', content, mode);
    assert.equal((await folder.secrets.read('weather', 'api_key')).kind, 'secret', mode.toString(8));
  }
  for (const text of [secret, `{"api_key": "${secret}`, `["${secret}"]`, `"${secret}"`]) {
    await folder.put('weather.json', text);
    await assertProblem(folder, /does not hold a JSON object/);
  }
  await folder.put('weather.json', content);
  for (const key of ['missing', 'empty', 'number', 'constructor', '__proto__'])
    await assertProblem(folder, /has no member/, key);
  await folder.put('weather.json', ' '.repeat(300 * 1024));
  await assertProblem(folder, /more than 262144 bytes/);
});

test('what is no file, or is not there, keeps nobody waiting', { timeout: 10_000 }, async () => {
  verifies('provider:external-confined');
  await using folder = await secretsFolder();
  await mkdir(join(folder.path, 'weather.json'));
  await assertProblem(folder, /is not a file/);
  await rm(join(folder.path, 'weather.json'), { recursive: true });
  execFileSync('mkfifo', ['-m', '600', join(folder.path, 'weather.json')]);
  await assertProblem(folder, /is not a file/);
  await rm(join(folder.path, 'weather.json'));
  await assertProblem(folder, /There is no file weather\.json/);
  const none = await createSecretFolder(undefined).read('weather', 'api_key');
  assert.match(none.kind === 'problem' ? none.message : '', /Set BERTH_SECRETS_DIR/);
});

async function assertProblem(
  folder: Awaited<ReturnType<typeof secretsFolder>>,
  pattern: RegExp,
  key = 'api_key',
): Promise<void> {
  const found = await folder.secrets.read('weather', key);
  const message = found.kind === 'secret' ? 'it was read' : found.message;
  assert.match(message, pattern);
  assert.doesNotMatch(message, /hunter2/);
}

async function secretsFolder() {
  const around = await mkdtemp(join(tmpdir(), 'berth-secrets-'));
  const path = join(around, 'secrets');
  await mkdir(path);
  const putAt = async (file: string, text: string, mode: number) => {
    await mkdir(join(file, '..'), { recursive: true });
    await rm(file, { force: true });
    await writeFile(file, text);
    await chmod(file, mode);
  };
  return {
    path,
    secrets: createSecretFolder(path),
    put: (name: string, text: string, mode = 0o600) => putAt(join(path, name), text, mode),
    putOutside: (name: string, text: string) => putAt(join(around, name), text, 0o600),
    [Symbol.asyncDispose]: () => rm(around, { recursive: true, force: true }),
  };
}
