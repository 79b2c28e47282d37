import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { requirements } from './requirements.ts';

const root = join(import.meta.dirname, '..');

async function citedIds(): Promise<Set<string>> {
  const cited = new Set<string>();
  for await (const file of glob(['src/**/*.ts', 'test/**/*.test.ts'], { cwd: root })) {
    const text = await readFile(join(root, file), 'utf8');
    for (const [, ids = ''] of text.matchAll(/\bverifies\(([^)]*)\)/g)) {
      for (const [, id = ''] of ids.matchAll(/'([^']+)'/g)) cited.add(id);
    }
  }
  return cited;
}

test('every promise is kept by a test', async () => {
  const cited = await citedIds();
  const without = Object.keys(requirements).filter((id) => !cited.has(id));
  assert.deepEqual(without, []);
});

test('every citation names a promise', async () => {
  const unknown = [...(await citedIds())].filter((id) => !(id in requirements));
  assert.deepEqual(unknown, []);
});
