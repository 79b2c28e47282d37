import { describeSandboxExec } from '../../src/sandboxes/sandbox-exec-contract.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { newSandboxId, systemRandom } from '../../src/shared/ids.ts';
import { FakeSandboxDriver } from './fake-sandbox-driver.ts';

describeSandboxExec('the fake driver', async () => {
  const driver = new FakeSandboxDriver({ clock: systemClock });
  return {
    driver,
    async startSandbox() {
      const id = newSandboxId(systemRandom);
      const owner = {
        accountId: '111122223333',
        region: 'us-east-1',
        runtimeId: 'test-0123456789',
        version: 1,
      };
      await driver.start({
        id,
        owner: { kind: 'runtime', ...owner },
        image: `sha256:${'0'.repeat(64)}`,
        environment: {},
        limits: { memoryBytes: 1, cpus: 1, pids: 1, diskBytes: 1 },
        isolation: 'runc',
        egress: { kind: 'default' },
        logFile: '/dev/null',
      });
      return id;
    },
    close: () => driver[Symbol.asyncDispose](),
  };
});
