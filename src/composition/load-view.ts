import { availableParallelism, loadavg, totalmem } from 'node:os';
import type { LoadView } from '../api/admin/load-routes.ts';
import type { AdmissionGate } from '../sandboxes/admission.ts';
import { readAvailableMemory } from '../sandboxes/admission-memory.ts';
import type { HostDisk } from '../sandboxes/host-disk.ts';
import type { SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import { storageBytesOf, type StorageVolumes } from '../sandboxes/storage-volumes.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import type { Clock } from '../shared/clock.ts';
import type { SandboxId } from '../shared/ids.ts';

export interface LoadViewParts {
  readonly sessions: Pick<SessionRegistry, 'overview' | 'pool' | 'closePools'>;
  readonly gate: AdmissionGate;
  readonly driver: Pick<SandboxDriver, 'usage'>;
  readonly hostDisk: HostDisk;
  readonly volumes: Pick<StorageVolumes, 'usedBytes'>;
  readonly clock: Clock;
}

/** Brings together what sessions, pools, the gate and the engine know of this moment. */
export function createLoadView({
  sessions,
  gate,
  driver,
  hostDisk,
  volumes,
  clock,
}: LoadViewParts): LoadView {
  return {
    async load() {
      const [usage, availableBytes, freeBytes, sessionStorageBytes] = await Promise.all([
        driver.usage(),
        readAvailableMemory(),
        hostDisk.freeBytes(),
        storageBytesOf(volumes),
      ]);
      const taken = (ids: readonly SandboxId[]) => {
        const known = ids.flatMap((id) => usage.get(id) ?? []);
        if (known.length === 0) return {};
        return {
          memoryBytes: known.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
          cpuMs: known.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
        };
      };
      const queues = [...gate.waitingByOwner()].map(([runtimeId, waiting]) => ({ runtimeId, waiting }));
      return {
        atMs: clock.now(),
        machine: {
          cpus: availableParallelism(),
          memoryBytes: totalmem(),
          availableBytes,
          loadAverage: loadavg()[0] ?? 0,
        },
        disk: { freeBytes, reserveBytes: hostDisk.reserveBytes, sessionStorageBytes },
        starts: { inFlight: gate.inFlight, limit: gate.limit, waiting: gate.waiting, queues },
        sessions: sessions
          .overview()
          .map((session) => Object.assign({}, session, taken([session.sandboxId]))),
        pools: (sessions.pool?.view() ?? []).map(({ sandboxIds, ...pool }) =>
          Object.assign({}, pool, taken(sandboxIds)),
        ),
      };
    },
    closePools: () => sessions.closePools(),
  };
}
