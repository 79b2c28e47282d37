import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { SandboxFreezer, type SandboxFreezerParts } from './sandbox-freezer.ts';

function freezerOn({ hasSwap }: { readonly hasSwap: boolean }) {
  const reclaimed: { readonly path: string; readonly signal: AbortSignal }[] = [];
  const tasks = { pause: async () => {}, resume: async () => {}, status: async () => 'RUNNING' };
  const engine = {
    serverTag: 'test',
    api: { tasks, containers: { find: async () => undefined } },
  } as unknown as SandboxFreezerParts['engine'];
  const freezer = new SandboxFreezer({
    engine,
    cgroups: {} as SandboxFreezerParts['cgroups'],
    isolations: {} as SandboxFreezerParts['isolations'],
    cgroupUse: {
      hasSwap: async () => hasSwap,
      reclaim: (path, signal) => {
        reclaimed.push({ path, signal });
        return new Promise(() => {});
      },
      keepFromSwap: async () => {},
    },
  });
  return { freezer, reclaimed };
}

test('memory is taken back only where there is swap, and whoever is woken meanwhile does not wait for it', async () => {
  verifies('freeze:reclaim');
  const without = freezerOn({ hasSwap: false });
  await without.freezer.pause('sb-1');
  await setImmediate();
  assert.deepEqual(without.reclaimed, []);

  const { freezer, reclaimed } = freezerOn({ hasSwap: true });
  await freezer.pause('sb-1');
  await setImmediate();
  assert.deepEqual(
    reclaimed.map(({ path, signal }) => [path, signal.aborted]),
    [['/berth-test/sb-1', false]],
  );
  await freezer.resume('sb-1');
  assert.equal(reclaimed[0]?.signal.aborted, true);
});
