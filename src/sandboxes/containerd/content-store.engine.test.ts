import { rm, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeBlobStore } from '../../images/blob-store-contract.ts';
import { type Clock, systemClock } from '../../shared/clock.ts';
import { connectContainerd } from './api/containerd-api.ts';
import { contentStore } from './content-store.ts';
import { enginePrograms } from './engine-programs.ts';
import { startPrivateContainerd } from './private-containerd.ts';

const quiet = { info() {}, warn() {}, error() {} };

describeBlobStore('The content store of containerd', async () => {
  const home = await mkdtemp(join(tmpdir(), 'berth-content-'));
  const daemon = await startPrivateContainerd({
    home,
    runDir: join(home, 'run'),
    programs: enginePrograms({ choice: 'auto' }),
    clock: systemClock,
    log: quiet,
  });
  const target = { socketPath: daemon.socketPath, namespace: 'berth-test' };
  const api = connectContainerd(target);
  await api.system.createNamespace(target.namespace);
  const others = [api];
  return {
    // Two hours behind, so that the time of grace of new content is over as soon as it begins.
    store: contentStore({ api, clock: lateClock(2 * 3_600_000) }),
    collect: () => api.leases.collect(),
    async reopen() {
      const other = connectContainerd(target);
      others.push(other);
      return contentStore({ api: other, clock: systemClock });
    },
    async close() {
      for (const one of others) one.close();
      await daemon.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
});

function lateClock(byMs: number): Clock {
  return { ...systemClock, now: () => systemClock.now() - byMs };
}
