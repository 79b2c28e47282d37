import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { wireNames } from '../src/api/errors.ts';
import { relaxations } from '../src/api/model/relaxations.ts';
import { loadServiceOperations } from '../src/api/model/service-operation.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string) => readFile(join(root, path), 'utf8');
/** Of the data plane; the control plane's list is read from the code. */
const dataOperations = [
  'InvokeAgentRuntime',
  'InvokeAgentRuntimeCommand',
  'GetAgentCard',
  'StopRuntimeSession',
];

describe('docs/errors.md', () => {
  it('lists every error with its status and names, and no other', async () => {
    const rows = tableRows(await read('docs/errors.md'), 'code');

    const documented = rows.map(([code = '', status = '', names = '']) => [
      code,
      Number(status),
      quoted(names),
    ]);

    const expected = Object.entries(wireNames).map(([code, { status, name, otherName }]) => [
      `\`${code}\``,
      status,
      otherName === undefined ? [name] : [name, otherName],
    ]);
    assert.deepEqual(documented, expected);
  });
});

describe('docs/operations.md', () => {
  it('lists every operation that is served, as the service model has it, and no other', async () => {
    const rows = tableRows(await read('docs/operations.md'), 'operation');

    const sources = [
      await read('src/api/control/control-operations.ts'),
      await read('src/api/data/identity/credential-operations.ts'),
    ];
    const control = [...sources.join('\n').matchAll(/^ {4}([A-Z]\w+): \w+\(/gm)].map(([, name]) => name);
    const model = new Map<string | undefined, ReturnType<typeof loadServiceOperations>[number]>(
      loadServiceOperations().map((operation) => [operation.name, operation]),
    );
    const expected = [...control, ...dataOperations].map((name) => {
      const operation = model.get(name);
      return [`\`${name}\``, operation?.plane, `\`${operation?.method} ${operation?.uri}\``];
    });
    assert.deepEqual(rows, expected);
  });

  it('lists every member that is refused because it is not built', async () => {
    const rows = tableRows(await read('docs/operations.md'), 'member');

    const source = await read('src/api/control/requested-settings.ts');
    const table = /const unbuilt = \{([^]*?)\n\} as const/.exec(source)?.[1] ?? '';
    const members = [...table.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => `\`${name}\``);
    assert.ok(members.length > 0, 'the table in requested-settings.ts was found');
    assert.deepEqual(
      rows.map(([member]) => member),
      members,
    );
  });

  it('lists every relaxation of the service model with its reason', async () => {
    const rows = tableRows(await read('docs/operations.md'), 'plane');

    const expected = relaxations.map(({ plane, shape, change, why }) => {
      const bounds = Object.entries(change).map(([name, value]) => `${name} \`${value}\``);
      return [plane, `\`${shape}\``, bounds.join(', '), why];
    });
    assert.deepEqual(rows, expected);
  });
});

describe('the pages', async () => {
  const pages = await Array.fromAsync(
    glob('**/*.md', { cwd: root, exclude: (path) => /^(node_modules|\..*)$/.test(path) }),
  );

  for (const page of pages) {
    it(`${page} links only to what is there`, async () => {
      const text = await read(page);

      const targets = [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].map(([, target = '']) => target);

      const broken = targets.filter(
        (target) => !/^[a-z]+:/.test(target) && !existsSync(resolve(root, dirname(page), target)),
      );
      assert.deepEqual(broken, []);
    });
  }

  for (const page of ['README.md', 'AGENTS.md']) {
    it(`${page} names only npm scripts and files that are there`, async () => {
      const text = await read(page);
      const { scripts } = JSON.parse(await read('package.json')) as { scripts: Record<string, string> };

      const npmScripts = [...text.matchAll(/\bnpm (?:run )?(test\b|(?<=run )[\w:-]+)/g)].map(
        ([, name = '']) => name,
      );
      const paths = [
        ...text.matchAll(/(?<![\w/.-])(?:scripts|src|docs|test|examples|bench|bin)\/[\w/.-]*\w/g),
      ];

      assert.ok(npmScripts.length > 0);
      assert.deepEqual(
        npmScripts.filter((name) => !(name in scripts)),
        [],
      );
      assert.deepEqual(
        paths.map(([path]) => path).filter((path) => !existsSync(join(root, path))),
        [],
      );
    });
  }

  it('AGENTS.md is short enough to be read', async () => {
    assert.ok((await read('AGENTS.md')).split('\n').length <= 80);
  });
});

/** The cells of the table whose first heading is `heading`. */
function tableRows(page: string, heading: string): readonly (readonly string[])[] {
  const lines = page.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} |`));
  assert.ok(start >= 0, `there is a table with the heading '${heading}'`);
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines
    .slice(start + 2, end < 0 ? undefined : end)
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()));
}

function quoted(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}
