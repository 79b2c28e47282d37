import { verifies } from '../../../test/requirements.ts';
import { describeSandboxDriver } from '../sandbox-driver-contract.ts';
import { describeSandboxExec } from '../sandbox-exec-contract.ts';
import { describeSandboxFreeze } from '../sandbox-freeze-contract.ts';
import { describeSandboxInside } from '../sandbox-inside-contract.ts';
import { putAgentLayers } from '../testing/agent-image.ts';
import { enginesUnderTest, openContainerdUnderTest } from '../testing/containerd-under-test.ts';
import { startListening } from '../testing/driver-under-test.ts';

verifies('engine:contract', 'isolation:gvisor');
for (const which of enginesUnderTest) {
  for (const isolation of ['runc', 'gvisor']) {
    const name = `containerd (${which}, ${isolation})`;
    const open = () => openContainerdUnderTest(which, isolation);
    describeSandboxDriver(name, open);
    describeSandboxInside(name, open);
    describeSandboxFreeze(name, open);
    describeSandboxExec(name, async () => {
      const subject = await open();
      const image = await (await putAgentLayers(subject.blobs)).make();
      await subject.driver.prepareImage(image);
      return {
        driver: subject.driver,
        startSandbox: async () => (await startListening(subject, image)).id,
        close: () => subject.close(),
      };
    });
  }
}
