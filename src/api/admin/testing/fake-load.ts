import type { RuntimeId, SandboxId, SessionId } from '../../../shared/ids.ts';
import type { Load, LoadView } from '../load-routes.ts';

const runtimeId = 'hello-AbCdEf1234' as RuntimeId;

/** One busy session and one pool. */
export class FakeLoad implements LoadView {
  isClosed = false;

  async load(): Promise<Load> {
    return {
      atMs: 2_000,
      machine: { cpus: 2, memoryBytes: 8e9, availableBytes: 4e9, loadAverage: 0.5 },
      disk: { freeBytes: 9e9, reserveBytes: 1e9, sessionStorageBytes: 3e9 },
      starts: { inFlight: 1, limit: 4, waiting: 3, queues: [{ runtimeId, waiting: 3 }] },
      sessions: [
        {
          runtimeId,
          id: 's'.repeat(40) as SessionId,
          version: 1,
          sandboxId: 'sb-1' as SandboxId,
          state: 'busy',
          calls: 2,
          startedAtMs: 1_000,
          lastActivityAtMs: 1_500,
          memoryBytes: 50e6,
          cpuMs: 120,
        },
      ],
      pools: this.isClosed
        ? []
        : [{ runtimeId, version: 1, wanted: 2, ready: 1, frozen: 0, starting: 1, problem: 'no program' }],
    };
  }

  async closePools(): Promise<void> {
    this.isClosed = true;
  }
}
