import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { verifies } from '../../../../test/requirements.ts';
import type { InsideProcess, SignalTarget } from '../isolations/runsc.ts';
import { insideTrees } from './inside-trees.ts';

test('a tree of a thousand processes in one group is signalled as one', async () => {
  verifies('sandboxes:exec-kill-bounded');
  const family = Array.from({ length: 1_000 }, (_, at) => ({
    pid: 10 + at,
    parent: at === 0 ? 0 : 10,
    group: 10,
  }));

  const { sent } = await killed([agent, ...family], 10);

  assert.deepEqual(sent, ['SIGSTOP group 10', 'SIGKILL group 10']);
});

test('a thousand processes with groups of their own take a few programs at a time', async () => {
  verifies('sandboxes:exec-kill-bounded');
  const family = Array.from({ length: 1_000 }, (_, at) => ({
    pid: 10 + at,
    parent: at === 0 ? 0 : 9 + at,
    group: 10 + at,
  }));

  const { sent, mostAtOnce } = await killed([agent, ...family], 10);

  assert.equal(sent.length, 2_000);
  assert.ok(mostAtOnce <= 4, String(mostAtOnce));
});

test('who only shares a group with a killed program is left alone', async () => {
  verifies('sandboxes:exec-kill-bounded');
  const { sent } = await killed(
    [agent, { pid: 10, parent: 0, group: 10 }, { pid: 11, parent: 10, group: 1 }],
    10,
  );

  assert.deepEqual(sent, ['SIGSTOP group 10', 'SIGSTOP pid 11', 'SIGKILL group 10', 'SIGKILL pid 11']);
});

const agent: InsideProcess = { pid: 1, parent: 0, group: 1 };

/** What is sent to end the tree of a root. */
async function killed(processes: readonly InsideProcess[], root: number) {
  const sent: string[] = [];
  let atOnce = 0;
  let mostAtOnce = 0;
  const trees = insideTrees({
    processes: () => Promise.resolve(processes),
    async signal(_sandbox: string, target: SignalTarget, signal: NodeJS.Signals) {
      mostAtOnce = Math.max(mostAtOnce, (atOnce += 1));
      sent.push(`${signal} ${'pid' in target ? `pid ${target.pid}` : `group ${target.group}`}`);
      await turn();
      atOnce -= 1;
    },
  });
  const dir = await mkdtemp(join(tmpdir(), 'berth-tree-'));
  try {
    await writeFile(join(dir, 'root'), String(root));
    const tree = await trees.find({ containerId: 'sandbox', execId: 'exec' }, dir);
    await tree?.signal('SIGKILL');
  } finally {
    await rm(dir, { recursive: true });
  }
  return { sent, mostAtOnce };
}
