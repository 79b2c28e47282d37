import { describeSandboxDriver } from '../sandbox-driver-contract.ts';
import { describeSandboxInside } from '../sandbox-inside-contract.ts';
import { openContainerdUnderTest } from '../testing/containerd-under-test.ts';

describeSandboxDriver('containerd', openContainerdUnderTest);
describeSandboxInside('containerd', openContainerdUnderTest);
