import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { parseSandboxOptions, sandboxOptions } from './sandbox-options.ts';

test('tags of other owners are no options', () => {
  verifies('sandbox-options:tags');
  assert.deepEqual(parseSandboxOptions({ team: 'red', berth: 'x', 'berthold:x': 'y' }), {});
  const tags = { 'berth:memory': '512MiB', 'berth:cpus': '0.5', 'berth:isolation': 'gvisor' };
  assert.deepEqual(parseSandboxOptions(tags), { memory: 2 ** 29, cpus: 0.5, isolation: 'gvisor' });
});

test('what an option cannot be is refused with what it can be', () => {
  verifies('sandbox-options:checked');
  const bad = {
    egress: 'https://example.com',
    'egress-2': 'on',
    memory: '1MiB',
    cpus: '0',
    pids: '3',
    disk: '-1GiB',
    isolation: '../runc',
    toString: 'x',
  };
  for (const [name, value] of Object.entries(bad)) {
    assert.throws(() => parseSandboxOptions({ [`berth:${name}`]: value }), { code: 'validation' }, name);
  }
});

test('docs/sandbox-options.md has a row for every option, and none for others', async () => {
  verifies('sandbox-options:page');
  const page = await readFile(new URL('../../docs/sandbox-options.md', import.meta.url), 'utf8');
  const rows = Object.entries(sandboxOptions).map(
    ([name, { meaning, type }]) => `| \`berth:${name}\` | ${meaning}: ${type.expected} |`,
  );
  assert.deepEqual(
    page.split('\n').filter((line) => line.startsWith('| `berth:')),
    rows,
  );
});
