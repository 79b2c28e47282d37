import { describeSandboxDriver } from '../sandbox-driver-contract.ts';
import { describeSandboxExec } from '../sandbox-exec-contract.ts';
import { describeSandboxInside } from '../sandbox-inside-contract.ts';
import { putAgentLayers } from '../testing/agent-image.ts';
import { openContainerdUnderTest } from '../testing/containerd-under-test.ts';
import { startListening } from '../testing/driver-under-test.ts';

describeSandboxDriver('containerd', openContainerdUnderTest);
describeSandboxInside('containerd', openContainerdUnderTest);
describeSandboxExec('containerd', async () => {
  const subject = await openContainerdUnderTest();
  const image = await (await putAgentLayers(subject.blobs)).make();
  await subject.driver.prepareImage(image);
  return {
    driver: subject.driver,
    startSandbox: async () => (await startListening(subject, image)).id,
    close: () => subject.close(),
  };
});
