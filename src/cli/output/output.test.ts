import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Clock } from '../../shared/clock.ts';
import { legalName, nameFromReference } from '../deploy/legal-name.ts';
import { escapeControl } from './escape-control.ts';
import { formatTable } from './format-table.ts';
import { formatAge, formatSize } from './format-time.ts';
import { createProgress } from './progress.ts';

function fakeOutput(isTTY: boolean) {
  const written: string[] = [];
  const closed = new AbortController().signal;
  return {
    isTTY,
    written,
    closed,
    write: async (chunk: string | Uint8Array) => void written.push(String(chunk)),
  };
}

describe('output', () => {
  it('aligns tables, marks what is missing, and lets no cell break the line or the terminal', () => {
    const rows = [
      { name: 'a\nb\u001b[31m', size: undefined },
      { name: 'longer name', size: 3 },
    ];

    const table = formatTable(
      rows,
      [
        ['NAME', (row) => row.name],
        ['SIZE', (row) => row.size],
      ],
      false,
    );

    assert.equal(table, 'NAME         SIZE\na b          -\nlonger name  3\n');
  });

  it('escapes control characters of both sets and of bidirectional text, not letters, tabs and line breaks', () => {
    assert.equal(escapeControl('ä\tb\n\r\u001b\u009b\u202e漢'), 'ä\tb\n\\x0d\\x1b\\x9b\\u202e漢');
  });

  it('shows ages and sizes for people', () => {
    assert.deepEqual(
      [59_000, 61_000, 7_200_000, 200_000_000].map((ms) => formatAge(ms, 0)),
      ['59s', '1m', '2h', '2d'],
    );
    assert.deepEqual([0, 999, 1500, 250_000_000].map(formatSize), ['0 B', '999 B', '1.5 kB', '250 MB']);
  });

  it('shows progress as one changing line on a terminal, and as a line for each new step elsewhere', async () => {
    const clock: Clock = { now: () => 0, after: () => () => {} };
    const plain = fakeOutput(false);
    const terminal = fakeOutput(true);

    for (const output of [plain, terminal]) {
      await using progress = createProgress(output, clock);
      for (const step of ['Pushing: 1 MB', 'Pushing: 2 MB', 'Waiting']) await progress.show(step);
    }

    assert.deepEqual(plain.written, ['Pushing: 1 MB\n', 'Waiting\n']);
    assert.equal(terminal.written.length, 4);
    assert.ok(terminal.written.every((text) => text.startsWith('\r\u001b[2K')));
  });
});

describe('names', () => {
  it('are made legal, and taken from references, layouts and archives', () => {
    assert.equal(legalName('hello-node'), 'hello_node');
    assert.equal(legalName('9 lives!'), 'lives');
    assert.equal(legalName('a'.repeat(60)).length, 48);
    assert.throws(() => legalName('---'), { exitCode: 2 });
    assert.equal(nameFromReference('10.0.0.1:5000/team/my-agent:v1.2'), 'my_agent');
    assert.equal(nameFromReference('oci:./out/hello-node:v1'), 'hello_node');
    assert.equal(nameFromReference('./out/hello-node.tar'), 'hello_node');
    assert.equal(nameFromReference(`x/agent@sha256:${'0'.repeat(64)}`), 'agent');
  });
});
