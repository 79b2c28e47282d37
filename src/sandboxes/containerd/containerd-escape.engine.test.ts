import { join } from 'node:path';
import { describeSandboxBombs } from '../escape/sandbox-bombs-contract.ts';
import { describeSandboxEscape } from '../escape/sandbox-escape-contract.ts';
import { openContainerdUnderTest } from '../testing/containerd-under-test.ts';

for (const isolation of ['runc', 'gvisor']) {
  const open = async () => {
    const subject = await openContainerdUnderTest(undefined, isolation);
    return {
      ...subject,
      engineSocket: subject.engine.socketPath,
      disksDir: join(subject.home, 'disks'),
      internalPort: 4780,
    };
  };
  describeSandboxEscape(isolation, open);
  describeSandboxBombs(isolation, open);
}
