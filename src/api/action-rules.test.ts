import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { actions, qualifiedAction } from '../auth/actions.ts';
import { keyRoles } from '../auth/principal.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFile(join(root, path), 'utf8');

/** What the audit log is told of refusals that no rule about actions makes: nobody asks for these. */
const toldOnly = new Set([
  'berth:Authenticate',
  'berth:GetRoleCredentials',
  'berth:GrantConsent',
  'berth:UseSession',
]);

test('every operation that is served and every call of the operators’ API has a rule', async () => {
  verifies('authz:table');
  const served = await read('docs/operations.md');
  const operations = [...served.matchAll(/^\| `(\w+)` \| (?:control|data) \|/gm)].map(
    ([, name = '']) => name,
  );
  const asked: string[] = [];
  for await (const file of glob('src/api/**/*.ts', { cwd: root, exclude: ['**/*.test.ts'] })) {
    for (const [, name = ''] of (await read(file)).matchAll(/'(berth:[A-Z]\w+)'/g)) asked.push(name);
  }
  assert.ok(operations.length > 20);
  assert.ok(asked.length > 20);
  const without = [...operations, ...asked].filter((name) => !toldOnly.has(name) && !actions.has(name));
  assert.deepEqual(without, []);
});

test('docs/identity/authorisation.md lists every rule', async () => {
  verifies('authz:table');
  const page = await read('docs/identity/authorisation.md');
  const documented = page.split('\n').filter((line) => /^\| `(bedrock-agentcore|berth):\w+` \|/.test(line));
  const expected = [...actions].map(([name, { roles, kind, limitedTo }]) => {
    const marks = keyRoles.map((role) => (roles.includes(role) ? 'yes' : ''));
    return `| \`${qualifiedAction(name)}\` | ${marks.join(' | ')} | ${limitedTo} | ${kind === 'change' ? 'yes' : ''} |`;
  });
  assert.deepEqual(documented, expected);
});
