import { describeSandboxDriver } from '../sandbox-driver-contract.ts';
import { describeSandboxExec } from '../sandbox-exec-contract.ts';
import { describeSandboxFreeze } from '../sandbox-freeze-contract.ts';
import { describeSandboxInside } from '../sandbox-inside-contract.ts';
import { putAgentLayers } from './agent-image.ts';
import { type EngineUnderTest, openContainerdUnderTest } from './containerd-under-test.ts';
import { startListening } from './driver-under-test.ts';

/** What every driver promises, of one engine with one isolation. Each has a test file of its own, so that they run beside each other. */
export function describeContainerd(which: EngineUnderTest, isolation: 'runc' | 'gvisor'): void {
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
