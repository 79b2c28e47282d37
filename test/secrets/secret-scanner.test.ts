import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SecretScanner } from './secret-scanner.ts';

/** With characters that URLs and JSON escape, in every piece. */
const secret = () => `${randomBytes(9).toString('hex')}"/&+%\\${randomBytes(9).toString('base64')}`;
const noise = (length: number) => randomBytes(length);
const everyEscaped = (text: string, escape: (code: string) => string) =>
  [...Buffer.from(text)].map((byte) => escape(byte.toString(16).padStart(2, '0'))).join('');

const disguises: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'in base64': (text) => Buffer.from(text).toString('base64'),
  'in base64url': (text) => Buffer.from(text).toString('base64url'),
  'in base64 behind a user name': (text) => Buffer.from(`x:${text}`).toString('base64'),
  'in base64 behind a longer one': (text) => Buffer.from(`me:${text}:and more`).toString('base64url'),
  'in base64 in lines': (text) => Buffer.from(text).toString('base64').replaceAll(/.{19}/g, '$&\r\n'),
  'in hex': (text) => Buffer.from(text).toString('hex'),
  'in capital hex': (text) => Buffer.from(text).toString('hex').toUpperCase(),
  'in a query': encodeURIComponent,
  'in a form': (text) => new URLSearchParams({ text }).toString(),
  'wholly URL-encoded': (text) => everyEscaped(text, (hex) => `%${hex}`),
  'URL-encoded twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  'in JSON': (text) => JSON.stringify({ text }),
  'in JSON in JSON': (text) => JSON.stringify({ json: JSON.stringify({ text }) }),
  'in JSON of escapes': (text) => everyEscaped(text, (hex) => `\\u00${hex}`),
  'in JSON with slashes escaped': (text) => JSON.stringify(text).replaceAll('/', '\\/'),
  'cut off at its end': (text) => text.slice(0, -5),
  'cut off at its start': (text) => text.slice(5),
};

for (const [how, disguise] of Object.entries(disguises)) {
  test(`a secret is found ${how}`, () => {
    const scanner = new SecretScanner();
    const hidden = secret();
    scanner.add('the secret', hidden);
    scanner.add('another', secret());
    for (const around of ['', 'x', 'some text before it, ']) {
      const finds = scanner.scan(around + disguise(hidden) + around);
      assert.deepEqual([...new Set(finds.map(({ name }) => name))], ['the secret']);
    }
  });
}

test('a secret is found between other bytes, raw bytes are one, too, and nothing is found where nothing is', () => {
  const scanner = new SecretScanner();
  const [text, key] = [secret(), noise(32)];
  scanner.add('text', text);
  scanner.add('key', key);
  const found = (...parts: readonly (string | Buffer)[]) =>
    scanner.scan(Buffer.concat(parts.map((part) => Buffer.from(part as string)))).map(({ name }) => name);
  assert.deepEqual(found(noise(5_001), text, noise(999)), ['text']);
  assert.deepEqual(found(noise(5_001), key, noise(999)), ['key']);
  assert.deepEqual(found(noise(300_000), secret()), []);
  assert.deepEqual(found(), []);
  assert.deepEqual(found(text.slice(0, 15), ' ', text.slice(-15)), []);
});

test('a secret is found wherever it is in a file', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'berth-scan-'));
  context.after(() => rm(folder, { recursive: true }));
  const scanner = new SecretScanner();
  const hidden = secret();
  scanner.add('the secret', hidden);
  const path = join(folder, 'file');
  const around = 2 ** 20;
  for (const before of [0, 1, around - hidden.length, around - 20, around - 1, around, around + 1]) {
    const inside = [noise(before), Buffer.from(hidden), noise(around)];
    await writeFile(path, Buffer.concat(inside));
    assert.ok(scanner.scanFile(path).length > 0, `after ${before} bytes`);
    // As text it is cut in the middle of an escape.
    const escaped = everyEscaped(hidden, (hex) => `\\u00${hex}`);
    await writeFile(path, `${'x'.repeat(before)}${escaped}`);
    assert.ok(scanner.scanFile(path).length > 0, `escaped after ${before} bytes`);
  }
  await writeFile(path, noise(around));
  assert.deepEqual(scanner.scanFile(path), []);
});

test('what is too short to be certain is refused', () => {
  assert.throws(() => new SecretScanner().add('short', 'password'), /too short/);
});
